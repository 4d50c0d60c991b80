// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Selectors;

/// <summary>The JSON form of label selectors (meta/v1 LabelSelector).</summary>
public static class LabelSelectorObject
{
    /// <summary>Compiles the JSON form; null selects nothing, an empty object everything.</summary>
    public static bool TryCompile(
        JsonObject? source, [NotNullWhen(true)] out LabelSelector? selector, [NotNullWhen(false)] out string? error)
    {
        selector = LabelSelector.Nothing;
        error = null;
        if (source is null)
        {
            return true;
        }

        List<LabelRequirement> requirements = [];
        foreach (var (key, op, values) in Parts(source))
        {
            if (op is null)
            {
                selector = null;
                error = $"{GoText.Quote(key)} is not a valid label selector operator";
                return false;
            }

            if (LabelRequirement.Create(key, op.Value, values, out var errors) is not { } requirement)
            {
                selector = null;
                error = FieldError.Join(errors);
                return false;
            }

            requirements.Add(requirement);
        }

        selector = requirements.Count == 0 ? LabelSelector.Everything : new(requirements);
        return true;
    }

    /// <summary>Validates the JSON form as part of an object.</summary>
    public static IEnumerable<FieldError> Validate(JsonObject? source, FieldPath path)
    {
        foreach (var (key, value) in source?["matchLabels"] as JsonObject ?? [])
        {
            foreach (var wrong in NameRules.LabelKey(key))
            {
                yield return path.Child("matchLabels").Invalid(key, wrong);
            }

            foreach (var wrong in NameRules.LabelValue(Text(value)))
            {
                yield return path.Child("matchLabels").Invalid(Text(value), wrong);
            }
        }

        var index = 0;
        foreach (var node in source?["matchExpressions"] as JsonArray ?? [])
        {
            var at = path.Child("matchExpressions").Index(index++);
            var expression = node as JsonObject ?? [];
            var values = (expression["values"] as JsonArray ?? []).Select(Text).ToList();
            var op = Text(expression["operator"]);
            switch (op)
            {
                case "In" or "NotIn" when values.Count == 0:
                    yield return at.Child("values").Required("must be specified when `operator` is 'In' or 'NotIn'");
                    break;
                case "Exists" or "DoesNotExist" when values.Count > 0:
                    yield return at.Child("values").Forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    break;
                case "In" or "NotIn" or "Exists" or "DoesNotExist":
                    break;
                default:
                    yield return at.Child("operator").Invalid(op, "not a valid selector operator");
                    break;
            }

            foreach (var wrong in NameRules.LabelKey(Text(expression["key"])))
            {
                yield return at.Child("key").Invalid(Text(expression["key"]), wrong);
            }

            foreach (var (i, value) in values.Index())
            {
                foreach (var wrong in NameRules.LabelValue(value))
                {
                    yield return at.Child("values").Index(i).Invalid(value, wrong);
                }
            }
        }
    }

    private static IEnumerable<(string Key, LabelOperator? Operator, List<string> Values)> Parts(JsonObject source)
    {
        foreach (var (key, value) in source["matchLabels"] as JsonObject ?? [])
        {
            yield return (key, LabelOperator.Equal, [Text(value)]);
        }

        foreach (var expression in (source["matchExpressions"] as JsonArray ?? []).OfType<JsonObject>())
        {
            LabelOperator? op = Text(expression["operator"]) switch
            {
                "In" => LabelOperator.In,
                "NotIn" => LabelOperator.NotIn,
                "Exists" => LabelOperator.Exists,
                "DoesNotExist" => LabelOperator.DoesNotExist,
                _ => null,
            };
            yield return (
                op is null ? Text(expression["operator"]) : Text(expression["key"]), op,
                (expression["values"] as JsonArray ?? []).Select(Text).ToList());
        }
    }

    private static string Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
