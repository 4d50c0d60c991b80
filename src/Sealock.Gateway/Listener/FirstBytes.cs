// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Connection middleware that looks at a connection's first bytes before TLS does, without taking them: plain HTTP is
/// told so, and what is no TLS at all is closed.
/// </summary>
internal sealed class FirstBytes(TimeSpan timeout, TimeProvider clock)
{
    private const int Enough = 5;
    private const byte HandshakeRecord = 0x16;

    // The answer of Go's net/http, byte for byte.
    private static readonly byte[] PlainHttpAnswer =
        "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"u8.ToArray();

    private static readonly byte[][] PlainHttpStarts =
    [
        .. new[] { "GET /", "HEAD ", "POST ", "PUT /", "OPTIO", "PATCH", "DELET", "CONNE", "TRACE", "PRI *" }
            .Select(Encoding.ASCII.GetBytes),
    ];

    /// <summary>The middleware.</summary>
    public async Task Run(ConnectionContext context, ConnectionDelegate next)
    {
        switch (await PeekAsync(context))
        {
            case Protocol.Tls:
                await next(context);
                break;
            case Protocol.PlainHttp:
                await context.Transport.Output.WriteAsync(PlainHttpAnswer);
                break;
        }
    }

    private async ValueTask<Protocol> PeekAsync(ConnectionContext context)
    {
        var input = context.Transport.Input;
        using var limit = new CancellationTokenSource(timeout, clock);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(limit.Token);
                var start = result.Buffer;
                var protocol = Recognise(start);
                if (protocol == Protocol.PlainHttp)
                {
                    // Bytes that nobody read would make the kernel reset the connection and drop the answer.
                    input.AdvanceTo(start.End);
                    return Protocol.PlainHttp;
                }

                var undecided = protocol is null && !result.IsCompleted;
                input.AdvanceTo(start.Start, undecided ? start.End : start.Start);
                if (!undecided)
                    return protocol ?? Protocol.Unknown;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            return Protocol.Unknown;
        }
    }

    private static Protocol? Recognise(in ReadOnlySequence<byte> start)
    {
        if (start.IsEmpty)
            return null;
        if (start.FirstSpan[0] == HandshakeRecord)
            return Protocol.Tls;
        if (start.Length < Enough)
            return null;
        Span<byte> head = stackalloc byte[Enough];
        start.Slice(0, Enough).CopyTo(head);
        foreach (var known in PlainHttpStarts)
        {
            if (head.SequenceEqual(known))
                return Protocol.PlainHttp;
        }

        return Protocol.Unknown;
    }

    private enum Protocol
    {
        Unknown,
        Tls,
        PlainHttp,
    }
}
