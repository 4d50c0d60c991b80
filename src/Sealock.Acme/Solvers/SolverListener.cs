// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Sealock.Acme.Solvers;

/// <summary>
/// Accepts connections of strangers and serves each within limits: a number at a time, a time for each. What goes wrong with
/// one concerns no other.
/// </summary>
internal sealed class SolverListener : IAsyncDisposable
{
    private const int MostConnections = 128;
    private static readonly TimeSpan ConnectionLimit = TimeSpan.FromSeconds(15);

    private readonly Socket _socket;
    private readonly Func<Stream, CancellationToken, Task> _serve;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _places = new(MostConnections);
    private readonly Task _accepting;
    private int _disposed;

    private SolverListener(Socket socket, Func<Stream, CancellationToken, Task> serve, TimeProvider clock)
    {
        (_socket, _serve, _clock) = (socket, serve, clock);
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Begins to listen; on all addresses of the machine, of both kinds, where the address is <see cref="IPAddress.IPv6Any"/>.</summary>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public static SolverListener Start(IPEndPoint address, Func<Stream, CancellationToken, Task> serve, TimeProvider clock)
    {
        var any = address.Address.Equals(IPAddress.IPv6Any);
        var bound = any && !Socket.OSSupportsIPv6 ? new IPEndPoint(IPAddress.Any, address.Port) : address;
        var socket = new Socket(bound.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (bound.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = any;
            socket.Bind(bound);
            socket.Listen(MostConnections);
            return new(socket, serve, clock);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync();
        _socket.Dispose();
        await _accepting;
        // Those being served end by the token; their places are all free then.
        for (var i = 0; i < MostConnections; i++)
            await _places.WaitAsync();
        _places.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _places.WaitAsync(_stop.Token);
                Socket connection;
                try
                {
                    connection = await _socket.AcceptAsync(_stop.Token);
                }
                catch
                {
                    _places.Release();
                    throw;
                }

                _ = ServeAsync(connection);
            }
            catch (SocketException)
            {
                // A connection that was gone before it was taken.
            }
            catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            using var limit = new CancellationTokenSource(ConnectionLimit, _clock);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
            using var stream = new NetworkStream(connection, ownsSocket: true);
            await _serve(stream, stop.Token);
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or AuthenticationException or ObjectDisposedException)
        {
            // The other side went away, was too slow, or spoke something else.
        }
        finally
        {
            connection.Dispose();
            _places.Release();
        }
    }
}
