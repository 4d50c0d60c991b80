// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Gateway.Audit.Policies;

namespace Sealock.Gateway.Audit.Events;

/// <summary>Writes events as audit.k8s.io/v1 JSON, one in a line.</summary>
internal static class AuditEventWriter
{
    private static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>How every event begins: what items of a list leave out.</summary>
    public static ReadOnlySpan<byte> TypeStart => "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\","u8;

    /// <summary>Writes an event.</summary>
    /// <param name="audit">What is known of the request.</param>
    /// <param name="stage">For which stage.</param>
    /// <param name="time">When it reached the stage.</param>
    /// <param name="withoutObjects">Leaves out what was sent and answered, and says so.</param>
    public static AuditRecord Write(AuditEvent audit, AuditStages stage, DateTimeOffset time, bool withoutObjects = false)
    {
        var record = new AuditRecord();
        var writer = _writer;
        if (writer is null)
            _writer = writer = new Utf8JsonWriter(record, Options);
        else
            writer.Reset(record);
        Write(writer, audit, stage, time, withoutObjects);
        writer.Flush();
        record.GetSpan(1)[0] = (byte)'\n';
        record.Advance(1);
        return record;
    }

    private static void Write(
        Utf8JsonWriter writer, AuditEvent audit, AuditStages stage, DateTimeOffset time, bool withoutObjects)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "Event"u8);
        writer.WriteString("apiVersion"u8, "audit.k8s.io/v1"u8);
        writer.WriteString("level"u8, Name(audit.Decision.Level));
        writer.WriteString("auditID"u8, audit.AuditId);
        writer.WriteString("stage"u8, Name(stage));
        writer.WriteString("requestURI"u8, audit.RequestUri);
        writer.WriteString("verb"u8, audit.Info.Verb);
        writer.WritePropertyName("user"u8);
        WriteUser(writer, audit.User);
        if (audit.ImpersonatedUser is { } impersonated)
        {
            writer.WritePropertyName("impersonatedUser"u8);
            WriteUser(writer, impersonated);
        }

        if (!audit.SourceIps.IsEmpty)
        {
            writer.WriteStartArray("sourceIPs"u8);
            foreach (var address in audit.SourceIps)
                WriteAddress(writer, address);
            writer.WriteEndArray();
        }

        WriteUnlessEmpty(writer, "userAgent"u8, audit.UserAgent);
        if (audit.Info.IsResource)
            WriteReference(writer, audit);
        if (audit.Outcome is { } outcome)
            WriteOutcome(writer, outcome);
        if (!withoutObjects)
        {
            WriteBody(writer, "requestObject"u8, audit.RequestObject);
            WriteBody(writer, "responseObject"u8, audit.ResponseObject);
        }

        WriteTime(writer, "requestReceivedTimestamp"u8, audit.Received);
        WriteTime(writer, "stageTimestamp"u8, time);
        WriteAnnotations(writer, audit, withoutObjects);
        writer.WriteEndObject();
    }

    private static void WriteUser(Utf8JsonWriter writer, UserInfo? user)
    {
        writer.WriteStartObject();
        if (user is not null)
        {
            WriteUnlessEmpty(writer, "username"u8, user.Name);
            WriteUnlessEmpty(writer, "uid"u8, user.Uid);
            WriteTexts(writer, "groups"u8, user.Groups);
            if (!user.Extra.IsEmpty)
            {
                writer.WriteStartObject("extra"u8);
                foreach (var (key, values) in user.Extra)
                {
                    writer.WritePropertyName(key);
                    WriteTexts(writer, values);
                }

                writer.WriteEndObject();
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter writer, AuditEvent audit)
    {
        var info = audit.Info;
        writer.WriteStartObject("objectRef"u8);
        WriteUnlessEmpty(writer, "resource"u8, info.Resource);
        WriteUnlessEmpty(writer, "namespace"u8, audit.Namespace);
        WriteUnlessEmpty(writer, "name"u8, audit.Name);
        WriteUnlessEmpty(writer, "uid"u8, audit.Uid);
        WriteUnlessEmpty(writer, "apiGroup"u8, info.Group);
        WriteUnlessEmpty(writer, "apiVersion"u8, info.Version);
        WriteUnlessEmpty(writer, "resourceVersion"u8, audit.ResourceVersion);
        WriteUnlessEmpty(writer, "subresource"u8, info.Subresource);
        writer.WriteEndObject();
    }

    private static void WriteOutcome(Utf8JsonWriter writer, AuditOutcome outcome)
    {
        writer.WriteStartObject("responseStatus"u8);
        writer.WriteStartObject("metadata"u8);
        writer.WriteEndObject();
        WriteUnlessEmpty(writer, "status"u8, outcome.Status);
        WriteUnlessEmpty(writer, "message"u8, outcome.Message);
        WriteUnlessEmpty(writer, "reason"u8, outcome.Reason);
        if (outcome.Details is { } details)
            StatusWriter.WriteDetails(writer, details);
        writer.WriteNumber("code"u8, outcome.Code);
        writer.WriteEndObject();
    }

    private static void WriteBody(Utf8JsonWriter writer, ReadOnlySpan<byte> name, byte[]? json)
    {
        if (json is null)
            return;
        writer.WritePropertyName(name);
        writer.WriteRawValue(json, skipInputValidation: true);
    }

    private static void WriteAnnotations(Utf8JsonWriter writer, AuditEvent audit, bool truncated)
    {
        if (audit.Annotations is null && !truncated)
            return;
        writer.WriteStartObject("annotations"u8);
        foreach (var (key, value) in audit.Annotations ?? [])
        {
            if (!truncated || key != AuditBodies.TruncatedKey)
                writer.WriteString(key, value);
        }

        if (truncated)
            writer.WriteString(AuditBodies.TruncatedKey, "true");
        writer.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[32];
        time.UtcDateTime.TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        writer.WriteString(name, text[..length]);
    }

    private static void WriteAddress(Utf8JsonWriter writer, IPAddress address)
    {
        Span<byte> text = stackalloc byte[128];
        if (address.TryFormat(text, out var length))
            writer.WriteStringValue(text[..length]);
    }

    private static void WriteTexts(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ImmutableArray<string> texts)
    {
        if (texts.IsEmpty)
            return;
        writer.WritePropertyName(name);
        WriteTexts(writer, texts);
    }

    private static void WriteTexts(Utf8JsonWriter writer, ImmutableArray<string> texts)
    {
        writer.WriteStartArray();
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static void WriteUnlessEmpty(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string value)
    {
        if (value.Length > 0)
            writer.WriteString(name, value);
    }

    private static ReadOnlySpan<byte> Name(AuditLevel level) => level switch
    {
        AuditLevel.Metadata => "Metadata"u8,
        AuditLevel.Request => "Request"u8,
        AuditLevel.RequestResponse => "RequestResponse"u8,
        _ => "None"u8,
    };

    private static ReadOnlySpan<byte> Name(AuditStages stage) => stage switch
    {
        AuditStages.RequestReceived => "RequestReceived"u8,
        AuditStages.ResponseStarted => "ResponseStarted"u8,
        AuditStages.ResponseComplete => "ResponseComplete"u8,
        _ => "Panic"u8,
    };
}
