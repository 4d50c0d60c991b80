// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Api.Schemas;

/// <summary>Numbers as JSON texts.</summary>
internal static class JsonNumber
{
    /// <summary>The number as it was sent, or as it would be written.</summary>
    public static string Raw(JsonValue value) => value.TryGetValue<JsonElement>(out var element)
        ? element.GetRawText()
        : value.ToJsonString();

    /// <summary>
    /// The number as Go writes it: whole ones in digits, others by the shortest text that reads back the same.
    /// </summary>
    public static string Text(JsonValue value)
    {
        var raw = Raw(value);
        return raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0 && long.TryParse(raw, CultureInfo.InvariantCulture, out _)
            ? raw == "-0" ? "0" : raw
            : Text(double.Parse(raw, CultureInfo.InvariantCulture));
    }

    private static string Text(double value)
    {
        var magnitude = Math.Abs(value);
        if (magnitude == 0)
            return double.IsNegative(value) ? "-0" : "0";
        // encoding/json leaves the plain form below 1e-6 and from 1e21 on; .NET's shortest digits are the same as Go's.
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        return magnitude is >= 1e-6 and < 1e21 ? Plain(shortest) : Exponent(shortest);
    }

    private static (string Sign, string Digits, int Point) Split(string shortest)
    {
        var sign = shortest[0] == '-' ? "-" : "";
        var text = shortest.AsSpan(sign.Length);
        var e = text.IndexOf('E');
        var exponent = e < 0
            ? 0
            : int.Parse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? text : text[..e];
        var dot = mantissa.IndexOf('.');
        var digits = dot < 0 ? mantissa.ToString() : string.Concat(mantissa[..dot], mantissa[(dot + 1)..]);
        var point = (dot < 0 ? mantissa.Length : dot) + exponent;
        var leading = digits.Length - digits.TrimStart('0').Length;
        return (sign, digits[leading..].TrimEnd('0'), point - leading);
    }

    private static string Plain(string shortest)
    {
        var (sign, digits, point) = Split(shortest);
        if (point <= 0)
            return $"{sign}0.{new string('0', -point)}{digits}";
        return point >= digits.Length
            ? sign + digits.PadRight(point, '0')
            : $"{sign}{digits[..point]}.{digits[point..]}";
    }

    private static string Exponent(string shortest)
    {
        var (sign, digits, point) = Split(shortest);
        var exponent = point - 1;
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}"
            .Replace("e-0", "e-", StringComparison.Ordinal);
    }
}
