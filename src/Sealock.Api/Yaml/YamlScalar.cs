// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sealock.Api.Yaml;

/// <summary>What a YAML scalar means as JSON: go-yaml v2's reading of YAML 1.1.</summary>
internal static partial class YamlScalar
{
    private const string Standard = "tag:yaml.org,2002:";

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Float { get; }

    /// <summary>Whether an event is the merge key.</summary>
    public static bool IsMerge(ParsingEvent place) => place is Scalar { Value: "<<" } scalar
        && (scalar.Tag.IsEmpty ? scalar.Style is ScalarStyle.Plain : scalar.Tag.Value == Standard + "merge");

    /// <summary>The value of a scalar event.</summary>
    /// <exception cref="YamlRefusal">The text does not fit its tag, or JSON has no such value.</exception>
    public static JsonNode? Resolve(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Tag.IsEmpty)
        {
            return scalar.Style is ScalarStyle.Plain ? Plain(scalar, text) : JsonValue.Create(text);
        }

        if (!scalar.Tag.Value.StartsWith(Standard, StringComparison.Ordinal))
        {
            return JsonValue.Create(text);
        }

        switch (scalar.Tag.Value[Standard.Length..])
        {
            case "binary":
                return Binary(scalar, text);
            case "null" when Plain(scalar, text) is null:
                return null;
            case "bool" when Plain(scalar, text) is JsonValue value && value.TryGetValue<bool>(out _):
                return value;
            case "int" when Plain(scalar, text) is JsonValue value && IsInteger(value):
                return value;
            case "float" when Plain(scalar, text) is JsonValue value && (IsInteger(value) || value.TryGetValue<double>(out _)):
                return value;
            case "null" or "bool" or "int" or "float":
                throw YamlRefusal.At(scalar, $"cannot decode `{text}` as a !!{scalar.Tag.Value[Standard.Length..]}");
            default:
                return JsonValue.Create(text);
        }
    }

    /// <summary>Whether a plain scalar with this text is read as this very string.</summary>
    public static bool ReadsAsString(string text)
    {
        try
        {
            return Plain(null, text) is JsonValue value && value.TryGetValue<string>(out _);
        }
        catch (YamlRefusal)
        {
            return false;
        }
    }

    private static JsonValue? Plain(Scalar? place, string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return JsonValue.Create(true);
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
            case ".nan" or ".NaN" or ".NAN" or ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF"
                or "-.inf" or "-.Inf" or "-.INF":
                var message = $"json: unsupported value: {text}";
                throw place is null ? new YamlRefusal(message) : YamlRefusal.At(place, message);
        }

        return text[0] is '+' or '-' or '.' || char.IsAsciiDigit(text[0]) ? Number(text) : JsonValue.Create(text);
    }

    private static JsonValue Number(string text)
    {
        var plain = text[0] == '.' ? text : text.Replace("_", "", StringComparison.Ordinal);
        if (plain[0] != '.' && ParseInteger(plain) is { } integer)
        {
            return integer;
        }

        if (!Float.IsMatch(plain)
            || !double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            || !double.IsFinite(number))
        {
            return JsonValue.Create(text);
        }

        return number == Math.Floor(number) && Math.Abs(number) < 1e15
            ? JsonValue.Create((long)number) : JsonValue.Create(number);
    }

    // Go's ParseInt and ParseUint with base 0.
    private static JsonValue? ParseInteger(string text)
    {
        var negative = text[0] == '-';
        var digits = text.AsSpan(text[0] is '-' or '+' ? 1 : 0);
        var radix = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            (radix, var skip) = digits[1] switch
            {
                'x' or 'X' => (16, 2),
                'b' or 'B' => (2, 2),
                'o' or 'O' => (8, 2),
                _ => (8, 1),
            };
            digits = digits[skip..];
        }

        UInt128 value = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= radix)
            {
                return null;
            }

            value = (value * (UInt128)radix) + (UInt128)digit;
            if (value > ulong.MaxValue)
            {
                return null;
            }
        }

        if (digits.Length == 0 || (negative && value > (UInt128)long.MaxValue + 1))
        {
            return null;
        }

        return negative ? JsonValue.Create((long)-(Int128)value)
            : value <= long.MaxValue ? JsonValue.Create((long)value)
            : text[0] == '+' ? null : JsonValue.Create((ulong)value);
    }

    private static bool IsInteger(JsonValue value) => value.TryGetValue<long>(out _) || value.TryGetValue<ulong>(out _);

    private static JsonValue Binary(Scalar scalar, string text)
    {
        try
        {
            return JsonValue.Create(new UTF8Encoding(false, true).GetString(Convert.FromBase64String(text)));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            throw YamlRefusal.At(scalar, "!!binary value contains invalid base64 data");
        }
    }
}
