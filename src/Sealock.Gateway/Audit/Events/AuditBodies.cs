// SPDX-License-Identifier: Apache-2.0
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Serving;
using Sealock.Api.Yaml;

namespace Sealock.Gateway.Audit.Events;

/// <summary>An object as it is recorded.</summary>
/// <param name="Json">Compact JSON; null: it is not recorded.</param>
/// <param name="Removed">Whether something secret was taken out.</param>
/// <param name="TooLarge">Whether it is not recorded because of its size.</param>
internal readonly record struct RecordedBody(byte[]? Json, bool Removed = false, bool TooLarge = false);

/// <summary>Turns what was sent and answered into what is recorded.</summary>
internal static class AuditBodies
{
    /// <summary>Annotation of an event that lacks objects because of their size.</summary>
    public const string TruncatedKey = "audit.k8s.io/truncated";

    /// <summary>Annotation of an event in whose objects something secret stood.</summary>
    public const string RedactedKey = "audit.sealock.dev/redacted";

    /// <summary>The largest object that is recorded, in bytes.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    private const int MaxDepth = 1000;

    private static readonly JsonWriterOptions Compact =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth, SkipValidation = true };

    private static ReadOnlySpan<byte> StatusStart => "{\"kind\":\"Status\""u8;

    /// <summary>An object that others go on to change: it is written down now.</summary>
    public static RecordedBody From(JsonObject body, BodyFilter filter)
    {
        if (filter.IsEmpty)
            return Written(body, removed: false);
        var copy = body.DeepClone();
        return Written(copy, filter.Apply(copy));
    }

    /// <summary>JSON from anywhere; what is malformed is not recorded.</summary>
    public static RecordedBody FromJson(ReadOnlyMemory<byte> json, BodyFilter filter)
    {
        if (json.Length > MaxBytes)
            return new RecordedBody(null, TooLarge: true);
        try
        {
            var tree = JsonNode.Parse(json.Span, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth });
            return tree is null ? default : Written(tree, !filter.IsEmpty && filter.Apply(tree));
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            // No JSON, a field twice, or a lone surrogate: the client gets, or got, an error about it.
            return default;
        }
    }

    /// <summary>The body of an answer.</summary>
    public static RecordedBody FromAnswer(ReadOnlyMemory<byte> body, string contentType, BodyFilter filter)
    {
        if (body.Length > MaxBytes)
            return new RecordedBody(null, TooLarge: true);
        if (contentType.StartsWith("application/yaml", StringComparison.Ordinal))
        {
            return YamlReader.TryRead(Encoding.UTF8.GetString(body.Span), out var tree, out _)
                ? Written(tree, !filter.IsEmpty && filter.Apply(tree))
                : default;
        }

        if (!contentType.StartsWith("application/json", StringComparison.Ordinal))
            return default;
        var line = body.Span[^1] == (byte)'\n' ? body[..^1] : body;
        return filter.IsEmpty && !line.Span.Contains((byte)'\n') ? new RecordedBody(line.ToArray()) : FromJson(line, filter);
    }

    /// <summary>Whether an answer is a Status, in whatever layout of JSON.</summary>
    public static bool IsStatus(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith(StatusStart))
            return true;
        var start = body.Span[..Math.Min(body.Length, 2 * StatusStart.Length)];
        Span<byte> packed = stackalloc byte[2 * StatusStart.Length];
        var length = 0;
        foreach (var one in start)
        {
            if (one is not ((byte)' ' or (byte)'\n'))
                packed[length++] = one;
        }

        return packed[..length].StartsWith(StatusStart);
    }

    /// <summary>
    /// An answer of which the event notes what it may; what comes back is to be sent. Objects that stand ready in pieces are
    /// joined first, where they are to be recorded and are not too large.
    /// </summary>
    public static async ValueTask<ApiResponse> NoteAsync(
        AuditEvent audit, ApiResponse answer, CancellationToken cancellationToken)
    {
        if (answer is BytesResponse ready)
        {
            audit.Answered(answer.StatusCode, ready.Body, answer.ContentType);
            return answer;
        }

        audit.Answered(answer.StatusCode, default, "");
        if (!audit.WantsResponse)
            return answer;
        if (answer.ContentLength > MaxBytes)
        {
            audit.Truncated();
            return answer;
        }

        var joined = new BytesResponse(await JoinAsync(answer, cancellationToken))
        {
            StatusCode = answer.StatusCode,
            ContentType = answer.ContentType,
            ContentEncoding = answer.ContentEncoding,
            ETag = answer.ETag,
            Warnings = answer.Warnings,
        };
        audit.Answered(answer.StatusCode, joined.Body, answer.ContentType);
        return joined;
    }

    private static async ValueTask<ReadOnlyMemory<byte>> JoinAsync(ApiResponse answer, CancellationToken cancellationToken)
    {
        var whole = new MemoryStream((int)(answer.ContentLength ?? 0));
        var writer = PipeWriter.Create(whole, new StreamPipeWriterOptions(leaveOpen: true));
        await answer.WriteAsync(writer, cancellationToken);
        await writer.CompleteAsync();
        return whole.GetBuffer().AsMemory(0, (int)whole.Length);
    }

    private static RecordedBody Written(JsonNode tree, bool removed)
    {
        var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output, Compact))
            tree.WriteTo(writer);
        return output.Length > MaxBytes
            ? new RecordedBody(null, removed, TooLarge: true)
            : new RecordedBody(output.ToArray(), removed);
    }
}
