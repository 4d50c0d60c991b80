// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Sealock.Acme.Dns;

/// <summary>One message to one server, and its answer: over UDP, and over TCP where the answer is too long for that.</summary>
internal sealed class DnsExchange(TimeProvider clock, TimeSpan? timeout = null)
{
    private const int LongestDatagram = 4096;
    private const int UdpTries = 2;

    /// <summary>Datagrams that do not belong to the question, of which somebody may send any number.</summary>
    private const int MostStrangers = 100;

    private readonly TimeSpan _timeout = timeout ?? TimeSpan.FromSeconds(3);

    /// <summary>A number for a message that nobody can guess.</summary>
    public static ushort NewId() => (ushort)RandomNumberGenerator.GetInt32(0x10000);

    /// <summary>An answer with its bytes, or why there is none.</summary>
    internal readonly record struct Outcome(DnsMessage? Answer, byte[] Bytes, string? Fault);

    /// <summary>Sends a message and waits for the answer to it.</summary>
    public async Task<Outcome> SendAsync(IPEndPoint server, byte[] message, DnsQuestion question, CancellationToken cancellationToken)
    {
        var outcome = default(Outcome);
        for (var tries = 0; tries < UdpTries; tries++)
        {
            outcome = await TryAsync(server, stop => OverUdpAsync(server, message, question, stop), cancellationToken);
            if (outcome.Answer is { IsTruncated: false })
                return outcome;
            if (outcome.Answer is not null)
                break;
        }

        var whole = await TryAsync(server, stop => OverTcpAsync(server, message, question, stop), cancellationToken);
        // What was cut off is no answer: some records would be missing.
        return whole.Answer is not null || outcome.Answer is not null ? whole : outcome;
    }

    private async Task<Outcome> TryAsync(
        IPEndPoint server, Func<CancellationToken, Task<(DnsMessage? Answer, byte[] Bytes)>> send, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_timeout, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var (answer, bytes) = await send(stop.Token);
            return answer is null ? new(null, [], $"{server} answered something else") : new(answer, bytes, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, [], $"{server} does not answer");
        }
        catch (Exception fault) when (fault is SocketException or IOException or DnsFormatException)
        {
            return new(null, [], $"{server}: {fault.Message}");
        }
    }

    private static async Task<(DnsMessage? Answer, byte[] Bytes)> OverUdpAsync(
        IPEndPoint server, byte[] message, DnsQuestion question, CancellationToken stop)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        // Connected: the kernel drops what comes from elsewhere, and tells where nobody listens.
        await socket.ConnectAsync(server, stop);
        await socket.SendAsync(message, stop);
        var buffer = new byte[LongestDatagram];
        for (var strangers = 0; strangers < MostStrangers; strangers++)
        {
            var length = await socket.ReceiveAsync(buffer, stop);
            var bytes = buffer[..length];
            if (length < DnsMessage.HeaderLength || !bytes.AsSpan(0, 2).SequenceEqual(message.AsSpan(0, 2)))
                continue;
            var answer = DnsMessage.Parse(bytes);
            if (IsAnswer(answer, question))
                return (answer, bytes);
        }

        return (null, []);
    }

    private static async Task<(DnsMessage? Answer, byte[] Bytes)> OverTcpAsync(
        IPEndPoint server, byte[] message, DnsQuestion question, CancellationToken stop)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, stop);
        using var stream = new NetworkStream(socket);
        var framed = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, checked((ushort)message.Length));
        message.CopyTo(framed, 2);
        await stream.WriteAsync(framed, stop);
        var prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, stop);
        var bytes = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(bytes, stop);
        var answer = DnsMessage.Parse(bytes);
        return bytes.AsSpan(0, 2).SequenceEqual(message.AsSpan(0, 2)) && IsAnswer(answer, question) ? (answer, bytes) : (null, []);
    }

    /// <summary>Whether it answers the very question; servers that could not read it leave it out.</summary>
    private static bool IsAnswer(DnsMessage answer, DnsQuestion question) =>
        answer.IsResponse && (answer.Questions.Count == 0 ? answer.Code != DnsResponseCode.NoError || answer.Operation != 0
            : answer.Questions.Count == 1 && answer.Questions[0] == question);
}
