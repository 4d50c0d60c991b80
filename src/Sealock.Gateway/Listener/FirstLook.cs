// SPDX-License-Identifier: Apache-2.0
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Sealock.Gateway.Limits;
using Sealock.Pki.Tls;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Connection middleware that looks at a connection's first bytes before TLS does, without taking them: plain HTTP is
/// told so, unless it comes from a proxy at which TLS ends; what is no TLS at all is closed, and the ClientHello is kept for
/// whoever chooses the handshake's options.
/// </summary>
internal sealed class FirstLook(TrafficControl traffic, TimeSpan timeout, TimeProvider clock)
{
    private const byte HandshakeRecord = 0x16;

    // The answer of Go's net/http, byte for byte.
    private static readonly byte[] PlainHttpAnswer =
        "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"u8.ToArray();

    /// <summary>
    /// The middleware: <paramref name="tls"/> is what comes next for TLS, <paramref name="http"/> for plain HTTP that may be.
    /// </summary>
    public async Task Run(ConnectionContext context, ConnectionDelegate tls, ConnectionDelegate http)
    {
        var verdict = await LookAsync(context);
        switch (verdict)
        {
            case Verdict.Tls:
                await HandOverAsync(context, tls);
                break;
            case Verdict.PlainHttp1 or Verdict.PlainHttp2:
                if (verdict == Verdict.PlainHttp2)
                {
                    var http2 = new PriorKnowledge();
                    context.Features.Set<ITlsApplicationProtocolFeature>(http2);
                    context.Features.Set<ITlsConnectionFeature>(http2);
                }

                context.Features.Get<ConnectionOrigin>()?.BecomePlain();
                await http(context);
                break;
            case Verdict.Refused:
                await context.Transport.Output.WriteAsync(PlainHttpAnswer);
                break;
        }
    }

    private bool MayBePlain(ConnectionContext context) =>
        traffic.Policy is { ExternalTls: true, TrustedProxies: var proxies }
        && context.Features.Get<ConnectionOrigin>() is { } origin && proxies.Contains(origin.Peer);

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
                if (first.Kind == FirstBytesKind.PlainHttp && MayBePlain(context))
                {
                    var isHttp2 = bytes.FirstSpan[0] == (byte)'P' && bytes.Slice(1, 1).FirstSpan[0] == (byte)'R';
                    input.AdvanceTo(bytes.Start, bytes.Start);
                    return isHttp2 ? Verdict.PlainHttp2 : Verdict.PlainHttp1;
                }

                if (first.Kind == FirstBytesKind.PlainHttp)
                {
                    // Bytes that nobody read would make the kernel reset the connection and drop the answer.
                    input.AdvanceTo(bytes.End);
                    return Verdict.Refused;
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
        PlainHttp1,
        PlainHttp2,
        Refused,
    }
}
