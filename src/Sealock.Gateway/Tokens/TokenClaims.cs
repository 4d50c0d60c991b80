// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sealock.Api.Security;

namespace Sealock.Gateway.Tokens;

/// <summary>
/// The claims of a service account token. Legacy tokens (kept in secrets of type
/// <c>kubernetes.io/service-account-token</c>) name their secret and carry neither audience nor end.
/// </summary>
internal sealed record TokenClaims
{
    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public ImmutableArray<string> Audiences { get; init; } = [];

    public DateTimeOffset? Expires { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? IssuedAt { get; init; }

    public string Id { get; init; } = "";

    public required string Namespace { get; init; }

    public required ObjectClaim ServiceAccount { get; init; }

    public ObjectClaim? Pod { get; init; }

    public ObjectClaim? Secret { get; init; }

    public ObjectClaim? Node { get; init; }

    public DateTimeOffset? WarnAfter { get; init; }

    /// <summary>Whether the token lives in the secret <see cref="Secret"/> and dies with it alone.</summary>
    public bool IsLegacy { get; init; }

    /// <summary>The claims as JSON, members in Kubernetes' order.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("aud"u8);
            foreach (var audience in Audiences)
                writer.WriteStringValue(audience);
            writer.WriteEndArray();
            WriteTime(writer, "exp"u8, Expires);
            WriteTime(writer, "iat"u8, IssuedAt);
            writer.WriteString("iss"u8, Issuer);
            writer.WriteString("jti"u8, Id);
            writer.WriteStartObject("kubernetes.io"u8);
            writer.WriteString("namespace"u8, Namespace);
            Write(writer, "node"u8, Node);
            Write(writer, "pod"u8, Pod);
            Write(writer, "secret"u8, Secret);
            Write(writer, "serviceaccount"u8, ServiceAccount);
            WriteTime(writer, "warnafter"u8, WarnAfter);
            writer.WriteEndObject();
            WriteTime(writer, "nbf"u8, NotBefore);
            writer.WriteString("sub"u8, Subject);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a payload whose signature has been checked; null if it is not a service account's.</summary>
    public static TokenClaims? Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = 16 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? TokenClaimsReader.Read(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ObjectClaim? value)
    {
        if (value is null)
            return;
        writer.WriteStartObject(name);
        writer.WriteString("name"u8, value.Name);
        if (value.Uid.Length > 0)
            writer.WriteString("uid"u8, value.Uid);
        writer.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } value)
            writer.WriteNumber(name, value.ToUnixTimeSeconds());
    }
}

/// <summary>An object that a token names.</summary>
internal sealed record ObjectClaim(string Name, string Uid)
{
    public static ObjectClaim Of(BoundObject bound) => new(bound.Name, bound.Uid);
}
