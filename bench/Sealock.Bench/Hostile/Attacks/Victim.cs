// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Sealock.Bench.Hostile.Attacks;

/// <summary>Who is attacked, from where, and as whom.</summary>
/// <param name="Server">The server.</param>
/// <param name="From">The attacker's address; another than the users'.</param>
/// <param name="Token">A user's bearer token: the attacker is no stranger, so that what it sends costs the most.</param>
/// <param name="Path">A collection that this user may read and create objects in.</param>
internal sealed record Victim(IPEndPoint Server, IPAddress From, string Token, string Path)
{
    /// <summary>Opens a TCP connection.</summary>
    public async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(Server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // Nobody is left waiting for by the kernel, which would run out of ports.
            socket.LingerState = new LingerOption(true, 0);
            socket.Bind(new IPEndPoint(From, 0));
            await socket.ConnectAsync(Server, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens a TLS connection.</summary>
    public async Task<SslStream> ConnectTlsAsync(SslApplicationProtocol protocol, CancellationToken cancellationToken)
    {
        var stream = new SslStream(new NetworkStream(await ConnectAsync(cancellationToken), ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    ApplicationProtocols = [protocol],
                    AllowTlsResume = false,
#pragma warning disable CA5359 // Whom it attacks is all the same to an attacker.
                    RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
                },
                cancellationToken);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
