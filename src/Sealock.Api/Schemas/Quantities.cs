// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sealock.Api.Schemas;

/// <summary>Resource quantities: a number with an optional SI or binary suffix, or an exponent.</summary>
internal static partial class Quantities
{
    private const int MaxLength = 128;

    private const string WrongFormat =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    [GeneratedRegex(@"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]{1,9})?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form { get; }

    /// <summary>The quantity as a string; numbers become strings, as Kubernetes does.</summary>
    /// <exception cref="MalformedObjectException">It is not a quantity.</exception>
    public static JsonNode Normalize(JsonNode value)
    {
        var text = value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.Number => JsonNumber.Raw((JsonValue)value),
            _ => "",
        };
        if (text.Length is 0 or > MaxLength || !Form.IsMatch(text))
            throw new MalformedObjectException(WrongFormat);
        return value.GetValueKind() == JsonValueKind.String ? value : JsonValue.Create(text)!;
    }
}
