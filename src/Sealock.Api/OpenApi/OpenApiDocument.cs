// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Sealock.Api.OpenApi;

/// <summary>
/// An OpenAPI document ready to be served. Only the compressed form is kept: it is what clients ask for, and a tenth of
/// the size.
/// </summary>
public sealed class OpenApiDocument
{
    private readonly int _length;

    internal OpenApiDocument(string mediaType, ReadOnlySpan<byte> content)
    {
        MediaType = mediaType;
        Hash = Convert.ToHexString(SHA512.HashData(content));
        _length = content.Length;
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(content);
        Gzip = buffer.ToArray();
    }

    /// <summary>The media type of the answer.</summary>
    public string MediaType { get; }

    /// <summary>SHA-512 of the content in upper-case hexadecimal; v3 addresses carry it as <c>?hash=</c>.</summary>
    public string Hash { get; }

    /// <summary>The entity tag, with its quotes.</summary>
    public string ETag => $"\"{Hash}\"";

    /// <summary>The content, compressed (<c>Content-Encoding: gzip</c>).</summary>
    public ReadOnlyMemory<byte> Gzip { get; }

    /// <summary>The content itself, for clients that take no gzip; unpacked at every call.</summary>
    public byte[] Content()
    {
        var content = new byte[_length];
        using var gzip = new GZipStream(new MemoryStream(Gzip.ToArray()), CompressionMode.Decompress);
        gzip.ReadExactly(content);
        return content;
    }

    internal static OpenApiDocument Of(string mediaType, ArrayBufferWriter<byte> content) =>
        new(mediaType, content.WrittenSpan);
}
