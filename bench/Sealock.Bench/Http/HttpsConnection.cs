// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Sealock.Bench.Http;

/// <summary>
/// One HTTP/1.1 connection over TLS that sends requests as they stand and reads answers with as little work as
/// possible: the client's cost comes out of the same processors as the server's.
/// </summary>
internal sealed class HttpsConnection : IAsyncDisposable
{
    private readonly SslStream _stream;
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    private HttpsConnection(SslStream stream) => _stream = stream;

    /// <summary>Connects. The server's certificate must chain to <paramref name="ca"/>.</summary>
    public static async Task<HttpsConnection> ConnectAsync(
        IPEndPoint address, X509Certificate2 ca, X509Certificate2? client, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? stream = null;
        try
        {
            await socket.ConnectAsync(address, cancellationToken);
            stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(Options(address, ca, client), cancellationToken);
            return new HttpsConnection(stream);
        }
        catch
        {
            socket.Dispose();
            if (stream is not null)
                await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The stream itself, for answers that never end.</summary>
    public Stream Stream => _stream;

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    /// <summary>Sends a request and reads the whole answer. The body is kept only until the next call.</summary>
    public async ValueTask<Answer> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var (status, length) = await BeginAsync(request, cancellationToken);
        if (length is { } known)
        {
            await FillAsync(known, cancellationToken);
            var body = _buffer.AsMemory(_start, known);
            _start += known;
            return new Answer(status, body);
        }

        using var collected = new MemoryStream();
        while (await ReadChunkAsync(cancellationToken) is { IsEmpty: false } chunk)
            collected.Write(chunk.Span);
        return new Answer(status, collected.GetBuffer().AsMemory(0, (int)collected.Length));
    }

    /// <summary>Sends a request and reads the answer's head alone; the length is null where the body is chunked.</summary>
    public async ValueTask<(int Status, int? Length)> BeginAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(request, cancellationToken);
        int head;
        while ((head = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
            await ReceiveAsync(cancellationToken);
        var result = AnswerHead.Read(_buffer.AsSpan(_start, head + 2));
        _start += head + 4;
        return result;
    }

    /// <summary>The next chunk of a chunked body; empty at its end. Kept only until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadChunkAsync(CancellationToken cancellationToken)
    {
        int line;
        while ((line = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
            await ReceiveAsync(cancellationToken);
        var size = int.Parse(_buffer.AsSpan(_start, line), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        _start += line + 2;
        await FillAsync(size + 2, cancellationToken);
        var chunk = _buffer.AsMemory(_start, size);
        _start += size + 2;
        return chunk;
    }

    /// <summary>Makes sure that so many bytes stand in the buffer.</summary>
    private async ValueTask FillAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            if (_buffer.Length - _start < count)
                Grow(count);
            await ReceiveAsync(cancellationToken);
        }
    }

    private async ValueTask ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
            _start = _end = 0;
        if (_end == _buffer.Length)
            Grow(_end - _start + 1024);
        var read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (read == 0)
            throw new IOException("the server closed the connection");
        _end += read;
    }

    private void Grow(int count)
    {
        var target = count <= _buffer.Length ? _buffer : new byte[Math.Max(count, 2 * _buffer.Length)];
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        (_start, _end, _buffer) = (0, _end - _start, target);
    }

    private static SslClientAuthenticationOptions Options(IPEndPoint address, X509Certificate2 ca, X509Certificate2? client) => new()
    {
        TargetHost = address.Address.ToString(),
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { ca },
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        },
        ClientCertificates = client is null ? null : [client],
    };
}
