// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Sealock.Acme.Jose;

/// <summary>The protected headers of ACME's requests (RFC 8555 section 6.2).</summary>
internal static class JwsHeader
{
    /// <summary>The header as JSON; either the key itself or its identifier says who signs.</summary>
    public static string Write(string algorithm, string? jwk, string? keyId, string? nonce, string url)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("alg", algorithm);
            if (jwk is not null)
            {
                writer.WritePropertyName("jwk");
                writer.WriteRawValue(jwk);
            }

            if (keyId is not null)
                writer.WriteString("kid", keyId);
            if (nonce is not null)
                writer.WriteString("nonce", nonce);
            writer.WriteString("url", url);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
