// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Sealock.Gateway.Tokens;

/// <summary>
/// What lets others verify service account tokens: the bodies of <c>/.well-known/openid-configuration</c> (JSON) and
/// <c>/openid/v1/jwks</c> (media type <c>application/jwk-set+json</c>).
/// </summary>
public static class OidcDiscovery
{
    /// <summary>Path of the discovery document.</summary>
    public const string ConfigurationPath = "/.well-known/openid-configuration";

    /// <summary>Path of the public keys.</summary>
    public const string KeysPath = "/openid/v1/jwks";

    /// <summary>The discovery document of an issuer; <paramref name="keysUri"/> is where its keys are served.</summary>
    public static byte[] Configuration(string issuer, string keysUri, ImmutableArray<ServiceAccountKey> keys) => Write(writer =>
    {
        writer.WriteString("issuer"u8, issuer);
        writer.WriteString("jwks_uri"u8, keysUri);
        WriteTexts(writer, "response_types_supported"u8, ["id_token"]);
        WriteTexts(writer, "subject_types_supported"u8, ["public"]);
        WriteTexts(
            writer, "id_token_signing_alg_values_supported"u8,
            keys.Select(key => key.Algorithm).Distinct().Order(StringComparer.Ordinal));
    });

    /// <summary>The public keys as a JWK set (RFC 7517).</summary>
    public static byte[] Keys(ImmutableArray<ServiceAccountKey> keys) => Write(writer =>
    {
        writer.WriteStartArray("keys"u8);
        foreach (var key in keys.DistinctBy(key => key.KeyId))
            WriteKey(writer, key);
        writer.WriteEndArray();
    });

    private static void WriteKey(Utf8JsonWriter writer, ServiceAccountKey key)
    {
        writer.WriteStartObject();
        writer.WriteString("use"u8, "sig"u8);
        switch (key.Key)
        {
            case RsaSecurityKey rsa:
                var parameters = rsa.Rsa.ExportParameters(false);
                writer.WriteString("kty"u8, "RSA"u8);
                WriteHead(writer, key);
                writer.WriteString("n"u8, Base64UrlEncoder.Encode(parameters.Modulus));
                writer.WriteString("e"u8, Base64UrlEncoder.Encode(parameters.Exponent));
                break;
            case ECDsaSecurityKey ecdsa:
                var point = ecdsa.ECDsa.ExportParameters(false).Q;
                writer.WriteString("kty"u8, "EC"u8);
                WriteHead(writer, key);
                writer.WriteString("crv"u8, key.Algorithm switch { "ES256" => "P-256", "ES384" => "P-384", _ => "P-521" });
                writer.WriteString("x"u8, Base64UrlEncoder.Encode(point.X));
                writer.WriteString("y"u8, Base64UrlEncoder.Encode(point.Y));
                break;
        }

        writer.WriteEndObject();
    }

    private static void WriteHead(Utf8JsonWriter writer, ServiceAccountKey key)
    {
        writer.WriteString("kid"u8, key.KeyId);
        writer.WriteString("alg"u8, key.Algorithm);
    }

    private static void WriteTexts(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    private static byte[] Write(Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        body(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
