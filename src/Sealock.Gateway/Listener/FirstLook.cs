// SPDX-License-Identifier: Apache-2.0
using Microsoft.AspNetCore.Connections;
using Sealock.Pki.Tls;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Connection middleware that looks at a connection's first bytes before TLS does, without taking them: plain HTTP is
/// told so, what is no TLS at all is closed, and the ClientHello is kept for whoever chooses the handshake's options.
/// </summary>
internal sealed class FirstLook(TimeSpan timeout, TimeProvider clock)
{
    private const byte HandshakeRecord = 0x16;

    // The answer of Go's net/http, byte for byte.
    private static readonly byte[] PlainHttpAnswer =
        "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"u8.ToArray();

    /// <summary>The middleware.</summary>
    public async Task Run(ConnectionContext context, ConnectionDelegate next)
    {
        switch (await LookAsync(context))
        {
            case Verdict.Tls:
                await HandOverAsync(context, next);
                break;
            case Verdict.PlainHttp:
                await context.Transport.Output.WriteAsync(PlainHttpAnswer);
                break;
        }
    }

    private static async Task HandOverAsync(ConnectionContext context, ConnectionDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception error) when (error is NotSupportedException or ArgumentOutOfRangeException)
        {
            // SslStream ends so, without an alert, where its own reading of a malformed ClientHello fails. It is the
            // stranger's fault, and Kestrel would log it as an error of the server, with every connection anew.
        }
    }

    private async ValueTask<Verdict> LookAsync(ConnectionContext context)
    {
        var input = context.Transport.Input;
        using var limit = new CancellationTokenSource(timeout, clock);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(limit.Token);
                var bytes = result.Buffer;
                var first = ClientHelloReader.Read(bytes);
                if (first.Kind == FirstBytesKind.PlainHttp)
                {
                    // Bytes that nobody read would make the kernel reset the connection and drop the answer.
                    input.AdvanceTo(bytes.End);
                    return Verdict.PlainHttp;
                }

                if (first.Kind == FirstBytesKind.NeedMoreData && !result.IsCompleted)
                {
                    input.AdvanceTo(bytes.Start, bytes.End);
                    continue;
                }

                // A ClientHello that cannot be read is left to OpenSSL, whose alert tells the client why.
                var isTls = !bytes.IsEmpty && bytes.FirstSpan[0] == HandshakeRecord;
                if (first.Hello is { } hello)
                    context.Features.Set(hello);
                input.AdvanceTo(bytes.Start, bytes.Start);
                return isTls ? Verdict.Tls : Verdict.Neither;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            return Verdict.Neither;
        }
    }

    private enum Verdict
    {
        Neither,
        Tls,
        PlainHttp,
    }
}
