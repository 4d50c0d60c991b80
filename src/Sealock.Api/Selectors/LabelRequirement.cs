// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Selectors;

/// <summary>One condition of a label selector; always valid, see <see cref="Validate"/>.</summary>
public sealed class LabelRequirement
{
    private readonly long _bound;

    private LabelRequirement(string key, LabelOperator op, string[] values)
    {
        Key = key;
        Operator = op;
        Values = values;
        if (op is LabelOperator.GreaterThan or LabelOperator.LessThan)
        {
            _ = TryParseInteger(values[0], out _bound);
        }
    }

    /// <summary>The label's key.</summary>
    public string Key { get; }

    /// <summary>The comparison.</summary>
    public LabelOperator Operator { get; }

    /// <summary>The values, in ordinal order and without duplicates.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>A requirement, or the errors that a value or the key has.</summary>
    public static LabelRequirement? Create(
        string key, LabelOperator op, IEnumerable<string> values, out IReadOnlyList<FieldError> errors)
    {
        string[] sorted = [.. values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        errors = Validate(key, op, sorted);
        return errors.Count == 0 ? new(key, op, sorted) : null;
    }

    /// <summary>Whether a label with this key and value (null: absent) fulfils the condition.</summary>
    public bool IsFulfilledBy(string? value) => Operator switch
    {
        LabelOperator.Equal or LabelOperator.DoubleEqual or LabelOperator.In => value is not null && HasValue(value),
        LabelOperator.NotEqual or LabelOperator.NotIn => value is null || !HasValue(value),
        LabelOperator.Exists => value is not null,
        LabelOperator.DoesNotExist => value is null,
        LabelOperator.GreaterThan => value is not null && TryParseInteger(value, out var number) && number > _bound,
        _ => value is not null && TryParseInteger(value, out var number) && number < _bound,
    };

    /// <summary>The condition as it is written in a selector.</summary>
    public override string ToString() => Operator switch
    {
        LabelOperator.Equal => $"{Key}={Values[0]}",
        LabelOperator.DoubleEqual => $"{Key}=={Values[0]}",
        LabelOperator.NotEqual => $"{Key}!={Values[0]}",
        LabelOperator.In => $"{Key} in ({string.Join(',', Values)})",
        LabelOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
        LabelOperator.Exists => Key,
        LabelOperator.DoesNotExist => "!" + Key,
        LabelOperator.GreaterThan => $"{Key}>{Values[0]}",
        _ => $"{Key}<{Values[0]}",
    };

    private bool HasValue(string value)
    {
        foreach (var candidate in (string[])Values)
        {
            if (string.Equals(candidate, value, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static List<FieldError> Validate(string key, LabelOperator op, string[] values)
    {
        List<FieldError> errors = [];
        if (NameRules.LabelKey(key) is { Count: > 0 } wrong)
        {
            errors.Add(new FieldPath("key").Invalid(key, string.Join("; ", wrong)));
        }

        void Refuse(string detail) => errors.Add(new FieldPath("values").Invalid(
            new JsonArray([.. values.Select(v => (JsonNode?)JsonValue.Create(v))]), detail));

        switch (op)
        {
            case LabelOperator.In or LabelOperator.NotIn when values.Length == 0:
                Refuse("for 'in', 'notin' operators, values set can't be empty");
                break;
            case LabelOperator.Equal or LabelOperator.DoubleEqual or LabelOperator.NotEqual when values.Length != 1:
                Refuse("exact-match compatibility requires one single value");
                break;
            case LabelOperator.Exists or LabelOperator.DoesNotExist when values.Length != 0:
                Refuse("values set must be empty for exists and does not exist");
                break;
            case LabelOperator.GreaterThan or LabelOperator.LessThan:
                if (values.Length != 1)
                {
                    Refuse("for 'Gt', 'Lt' operators, exactly one value is required");
                }

                errors.AddRange(values.Index().Where(v => !TryParseInteger(v.Item, out _)).Select(v => new FieldPath("values").Index(v.Index).Invalid(
                    v.Item, "for 'Gt', 'Lt' operators, the value must be an integer")));
                break;
        }

        foreach (var (index, value) in values.Index())
        {
            if (NameRules.LabelValue(value) is { Count: > 0 } faults)
            {
                errors.Add(new FieldPath("values").Index(index).Key(key).Invalid(value, string.Join("; ", faults)));
            }
        }

        return errors;
    }

    private static bool TryParseInteger(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
