// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sealock.Api.Objects;

namespace Sealock.Api.Schemas;

/// <summary>
/// Checks a custom resource against its structural schema, with the errors of apiextensions-apiserver.
/// </summary>
public static class StructuralValidation
{
    private const int MaxErrors = 100;
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// What is wrong with the object; the parts that Kubernetes' own schemas describe are not looked at.
    /// </summary>
    public static IReadOnlyList<FieldError> Check(JsonObject value, SchemaNode schema)
    {
        var errors = new List<FieldError>();
        Visit(value, schema, "", errors);
        return errors;
    }

    private static void Visit(JsonNode? value, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (!schema.IsStructural || errors.Count >= MaxErrors || (value is null && schema.IsNullable))
            return;
        if (!Fits(value, schema.Type))
        {
            var actual = Word(value);
            errors.Add(new FieldError(FieldErrorType.TypeInvalid, path, $"\"{actual}\"",
                $"{path} in body must be of type {Word(schema.Type)}: \"{actual}\""));
            return;
        }

        if (schema.Enum.Count > 0 && !IsAllowed(value, schema))
        {
            errors.Add(new FieldError(FieldErrorType.NotSupported, path, Show(value),
                "supported values: " + string.Join(", ", schema.Enum)));
        }

        switch (value)
        {
            case JsonObject o:
                Object(o, schema, path, errors);
                break;
            case JsonArray list:
                Count(list.Count, schema.Bounds?.MinItems, schema.Bounds?.MaxItems, "items", path, errors);
                Unique(list, schema, path, errors);
                for (var i = 0; i < list.Count && schema.Items is not null; i++)
                    Visit(list[i], schema.Items, $"{path}[{i}]", errors);
                break;
            case JsonValue v:
                Format(v, schema, path, errors);
                if (schema.Bounds is { } bounds)
                    Scalar(v, bounds, path, errors);
                break;
        }
    }

    private static bool IsAllowed(JsonNode? value, SchemaNode schema) => schema.EnumTexts is { } texts
        ? value is JsonValue v && v.TryGetValue<string>(out var text) && texts.Contains(text)
        : schema.Enum.Any(allowed => JsonNode.DeepEquals(JsonNode.Parse(allowed), value));

    private static void Object(JsonObject value, SchemaNode schema, string path, List<FieldError> errors)
    {
        Count(value.Count, schema.Bounds?.MinProperties, schema.Bounds?.MaxProperties, "properties", path, errors);
        foreach (var name in schema.Required)
        {
            if (!value.ContainsKey(name))
                errors.Add(FieldError.Required(Join(path, name)));
        }

        foreach (var (name, child) in value)
        {
            if (schema.Values is { } values)
                Visit(child, values, Join(path, name), errors);
            else if (schema.Fields.TryGetValue(name, out var field))
                Visit(child, field.Schema, Join(path, name), errors);
        }
    }

    private static void Unique(JsonArray list, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (schema.ListType == SchemaListType.Atomic)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count && errors.Count < MaxErrors; i++)
        {
            var key = schema.ListType == SchemaListType.Map && list[i] is JsonObject item
                ? new JsonObject(schema.ListMapKeys.Select(k => KeyValuePair.Create(k, item[k]?.DeepClone())))
                : list[i];
            var text = key?.ToJsonString() ?? "null";
            if (!seen.Add(text))
                errors.Add(FieldError.Duplicate($"{path}[{i}]", text));
        }
    }

    private static void Format(JsonValue value, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (schema.Type != SchemaType.String || schema.Format == SchemaFormat.None)
            return;
        try
        {
            _ = schema.Format == SchemaFormat.Bytes ? GoBase64.Normalize(value) : GoTime.Normalize(value, micro: false);
        }
        catch (MalformedObjectException)
        {
            var format = schema.Format == SchemaFormat.Bytes ? "byte" : "date-time";
            errors.Add(FieldError.Invalid(path, Show(value),
                $"{path} in body must be of type {format}: {Show(value)}"));
        }
    }

    private static void Scalar(JsonValue value, SchemaBounds bounds, string path, List<FieldError> errors)
    {
        if (value.GetValueKind() == JsonValueKind.String)
        {
            var text = value.GetValue<string>();
            var length = text.Length;
            foreach (var c in text)
                length -= char.IsLowSurrogate(c) ? 1 : 0;
            if (length < bounds.MinLength)
            {
                errors.Add(FieldError.Invalid(path, Show(value),
                    $"{path} in body should be at least {bounds.MinLength} chars long"));
            }

            if (length > bounds.MaxLength)
            {
                errors.Add(new FieldError(FieldErrorType.TooLong, path, null,
                    $"may not be more than {bounds.MaxLength} bytes"));
            }

            if (bounds.Pattern is not null && !Matches(text, bounds.Pattern))
                errors.Add(FieldError.Invalid(path, Show(value), $"{path} in body should match '{bounds.Pattern}'"));
        }
        else if (value.GetValueKind() == JsonValueKind.Number)
        {
            var number = double.Parse(JsonNumber.Raw(value), CultureInfo.InvariantCulture);
            if (bounds.ExclusiveMinimum ? number <= bounds.Minimum : number < bounds.Minimum)
                errors.Add(OutOfBounds("greater", bounds.ExclusiveMinimum, bounds.Minimum));
            if (bounds.ExclusiveMaximum ? number >= bounds.Maximum : number > bounds.Maximum)
                errors.Add(OutOfBounds("less", bounds.ExclusiveMaximum, bounds.Maximum));
        }

        FieldError OutOfBounds(string than, bool exclusive, double? bound) =>
            FieldError.Invalid(path, Show(value), string.Create(CultureInfo.InvariantCulture,
                $"{path} in body should be {than} than {(exclusive ? "" : "or equal to ")}{bound}"));
    }

    private static void Count(int count, int? low, int? high, string what, string path, List<FieldError> errors)
    {
        if (count < low)
            errors.Add(FieldError.Invalid(path, count.ToString(CultureInfo.InvariantCulture),
                $"{path} in body should have at least {low} {what}"));
        if (count > high)
            errors.Add(new FieldError(FieldErrorType.TooMany, path, count.ToString(CultureInfo.InvariantCulture),
                $"must have at most {high} {what}"));
    }

    // The pattern is the definition's, the text a stranger's: no backtracking, and a limit on time all the same.
    private static bool Matches(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(
                text, pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, PatternTimeout);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static bool Fits(JsonNode? value, SchemaType type) => type switch
    {
        SchemaType.Any => true,
        SchemaType.Object or SchemaType.Map => value is JsonObject,
        SchemaType.Array => value is JsonArray,
        SchemaType.Boolean => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        SchemaType.Number => value?.GetValueKind() == JsonValueKind.Number,
        SchemaType.Integer => value is JsonValue v && v.GetValueKind() == JsonValueKind.Number && IsWhole(v),
        SchemaType.IntOrString => value is JsonValue v
            && (v.GetValueKind() == JsonValueKind.String || (v.GetValueKind() == JsonValueKind.Number && IsWhole(v))),
        _ => value?.GetValueKind() == JsonValueKind.String,
    };

    private static bool IsWhole(JsonValue value) =>
        long.TryParse(JsonNumber.Raw(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static string Word(SchemaType type) => type switch
    {
        SchemaType.Object or SchemaType.Map => "object",
        SchemaType.Array => "array",
        SchemaType.Boolean => "boolean",
        SchemaType.Number => "number",
        SchemaType.Integer or SchemaType.IntOrString => "integer",
        _ => "string",
    };

    private static string Word(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => IsWhole((JsonValue)value) ? "integer" : "number",
        _ => "string",
    };

    private static string Show(JsonNode? value) => value switch
    {
        null => "null",
        JsonValue v when v.GetValueKind() == JsonValueKind.String => FieldError.Quote(v.GetValue<string>()),
        _ => value.ToJsonString(),
    };

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
