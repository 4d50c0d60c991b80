// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Views;

/// <summary>A duration in Go's form (<c>2160h</c>); what is none reads as absent: the rules of the kind refuse it.</summary>
internal sealed class GoDurationConverter : JsonConverter<TimeSpan?>
{
    public override TimeSpan? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return GoDuration.TryParse(reader.GetString() ?? "", out var duration) ? duration : null;
        reader.Skip();
        return null;
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan? value, JsonSerializerOptions options) =>
        throw new NotSupportedException("views are not written");
}

/// <summary>A text of which few values are in use: equal ones share memory where the program names them.</summary>
internal sealed class SharedTextConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text ? string.IsInterned(text) ?? text : null;

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        throw new NotSupportedException("views are not written");
}
