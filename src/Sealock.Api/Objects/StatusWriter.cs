// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sealock.Api.Objects;

/// <summary>Renders <c>metav1.Status</c> as JSON, the one shape of every error answer.</summary>
public static class StatusWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The Status object for an error, as UTF-8 JSON.</summary>
    public static byte[] Failure(ApiException error) => Write(error.ContinueToken, writer =>
    {
        writer.WriteString("status"u8, "Failure"u8);
        writer.WriteString("message"u8, error.Message);
        if (error.Reason.Length > 0)
            writer.WriteString("reason"u8, error.Reason);
        if (error.Details is { } details)
            WriteDetails(writer, details);
        writer.WriteNumber("code"u8, error.Code);
    });

    /// <summary>The Status object that answers a completed deletion.</summary>
    public static byte[] Success(StatusDetails details) => Write("", writer =>
    {
        writer.WriteString("status"u8, "Success"u8);
        WriteDetails(writer, details);
    });

    /// <summary>Writes the member <c>details</c> of a Status.</summary>
    public static void WriteDetails(Utf8JsonWriter writer, StatusDetails details)
    {
        writer.WriteStartObject("details"u8);
        WriteUnlessEmpty(writer, "name"u8, details.Name);
        WriteUnlessEmpty(writer, "group"u8, details.Group);
        WriteUnlessEmpty(writer, "kind"u8, details.Kind);
        WriteUnlessEmpty(writer, "uid"u8, details.Uid);
        if (details.Causes.Length > 0)
        {
            writer.WriteStartArray("causes"u8);
            foreach (var cause in details.Causes)
            {
                writer.WriteStartObject();
                WriteUnlessEmpty(writer, "reason"u8, cause.Reason);
                WriteUnlessEmpty(writer, "message"u8, cause.Message);
                WriteUnlessEmpty(writer, "field"u8, cause.Field);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (details.RetryAfterSeconds > 0)
            writer.WriteNumber("retryAfterSeconds"u8, details.RetryAfterSeconds);
        writer.WriteEndObject();
    }

    private static void WriteUnlessEmpty(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string value)
    {
        if (value.Length > 0)
            writer.WriteString(name, value);
    }

    private static byte[] Write(string continueToken, Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, Options);
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "Status"u8);
        writer.WriteString("apiVersion"u8, "v1"u8);
        writer.WriteStartObject("metadata"u8);
        WriteUnlessEmpty(writer, "continue"u8, continueToken);
        writer.WriteEndObject();
        body(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
