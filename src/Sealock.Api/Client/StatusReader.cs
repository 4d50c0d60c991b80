// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sealock.Api.Objects;

namespace Sealock.Api.Client;

/// <summary>Reads an error answer back into the exception it came from.</summary>
internal static class StatusReader
{
    private const int LongestText = 512;

    /// <summary>The error in a body; a body that is no Status becomes the message.</summary>
    public static ApiException Read(int statusCode, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && Text(root, "kind") == "Status")
                return FromStatus(statusCode, root);
        }
        catch (JsonException)
        {
            // Not from an API server, but perhaps from something before it.
        }

        var text = Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, LongestText)]).Trim();
        return new ApiException(
            statusCode,
            ReasonOf(statusCode),
            text.Length == 0 ? $"the server answered with status {statusCode}" : text);
    }

    /// <summary>The error that a Status object stands for.</summary>
    public static ApiException FromStatus(int statusCode, JsonElement status)
    {
        var code = status.TryGetProperty("code", out var given) && given.TryGetInt32(out var number)
            ? number
            : statusCode;
        var details = status.TryGetProperty("details", out var found) && found.ValueKind == JsonValueKind.Object
            ? DetailsOf(found)
            : null;
        return new ApiException(code, Text(status, "reason"), Text(status, "message"), details);
    }

    private static StatusDetails DetailsOf(JsonElement details) => new()
    {
        Name = Text(details, "name"),
        Group = Text(details, "group"),
        Kind = Text(details, "kind"),
        Uid = Text(details, "uid"),
        Causes = details.TryGetProperty("causes", out var causes) && causes.ValueKind == JsonValueKind.Array
            ? [.. causes.EnumerateArray().Where(cause => cause.ValueKind == JsonValueKind.Object)
                .Select(cause => new StatusCause(Text(cause, "reason"), Text(cause, "message"), Text(cause, "field")))]
            : ImmutableArray<StatusCause>.Empty,
        RetryAfterSeconds = details.TryGetProperty("retryAfterSeconds", out var retry)
            && retry.ValueKind == JsonValueKind.Number && retry.TryGetInt32(out var seconds) ? seconds : 0,
    };

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() ?? ""
            : "";

    private static string ReasonOf(int statusCode) => statusCode switch
    {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        410 => "Gone",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "",
    };
}
