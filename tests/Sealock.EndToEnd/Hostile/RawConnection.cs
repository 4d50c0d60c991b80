// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sealock.EndToEnd.Hostile;

/// <summary>A connection that sends any bytes, with or without TLS, and reads what comes back.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private Stream? _stream;

    public static async Task<RawConnection> OpenAsync(int port, bool tls = true, X509Certificate2? certificate = null, string protocol = "http/1.1")
    {
        var connection = new RawConnection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, port);
        connection._stream = new NetworkStream(connection._socket);
        if (!tls)
            return connection;
        var secured = new SslStream(connection._stream);
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            // The server was started by this test, and what is tested is how it takes what is sent.
            RemoteCertificateValidationCallback = (_, server, _, _) => server is not null,
            LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
            ApplicationProtocols = [new SslApplicationProtocol(protocol)],
        });
        connection._stream = secured;
        return connection;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await Stream.WriteAsync(bytes);

    /// <summary>Reads for a moment, says that nothing more comes, and reads until the server closes.</summary>
    /// <returns>What came; empty also where the server broke off.</returns>
    public async Task<string> FinishAsync(int limit = 64 * 1024)
    {
        using var timeout = new CancellationTokenSource(Patience);
        var buffer = new byte[limit];
        var length = 0;
        try
        {
            // A server may take the end of what it reads for the end of interest in its answer.
            var first = Stream.ReadAsync(buffer, timeout.Token).AsTask();
            if (await Task.WhenAny(first, Task.Delay(Moment, timeout.Token)) == first)
                length = await first;
            if (_stream is SslStream tls)
                await tls.ShutdownAsync();
            _socket.Shutdown(SocketShutdown.Send);
            if (length == 0)
                length = await first;
            while (length < limit && await Stream.ReadAsync(buffer.AsMemory(length), timeout.Token) is > 0 and var read)
                length += read;
        }
        catch (Exception end) when (end is IOException or SocketException or ObjectDisposedException or CryptographicException)
        {
            // The server broke off, as it may.
        }

        return Encoding.Latin1.GetString(buffer, 0, length);
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _socket.Dispose();
    }

    private Stream Stream => _stream ?? throw new InvalidOperationException("not open");
}
