// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Forwarding;
using Sealock.Gateway.Limits;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Connection middleware that stands first: reads the PROXY header of trusted proxies, and lets in who may come from where it
/// comes from, before a byte of TLS is answered.
/// </summary>
internal sealed class ConnectionGate(TrafficControl traffic, TimeSpan timeout, TimeProvider clock)
{
    /// <summary>The middleware.</summary>
    public async Task Run(ConnectionContext context, ConnectionDelegate next)
    {
        var policy = traffic.Policy;
        var peer = context.RemoteEndPoint is IPEndPoint { Address: var remote } ? ConnectionOrigin.Normal(remote) : IPAddress.None;
        var isProxy = policy.TrustedProxies.Contains(peer);
        var header = new ProxyHeader(ProxyHeaderKind.Absent);
        if (isProxy && policy.ProxyProtocol != ProxyProtocolUse.Off)
        {
            header = await ReadAsync(context);
            if (header.Kind is not (ProxyHeaderKind.Local or ProxyHeaderKind.Proxied)
                && (header.Kind != ProxyHeaderKind.Absent || policy.ProxyProtocol == ProxyProtocolUse.Required))
            {
                traffic.Refused(TrafficRefusal.ProxyHeader);
                return;
            }
        }

        var origin = new ConnectionOrigin(peer, header);
        context.Features.Set(origin);
        if (header is { Source: { } source, Destination: { } destination })
            (context.RemoteEndPoint, context.LocalEndPoint) = (source, destination);

        // Clients that a proxy names in headers are judged request by request.
        var forwards = policy.TrustedProxies.Contains(origin.Address);
        if (!(forwards && policy.Forwarded != ForwardedForm.None) && !policy.Clients.Admits(origin.Address))
        {
            traffic.Refused(TrafficRefusal.ConnectionAddress);
            return;
        }

        // Nor are all the clients behind a proxy one.
        if (forwards)
        {
            await next(context);
            return;
        }

        var client = AddressKey.Of(origin.Address);
        if (!traffic.Connections.TryEnter(client, policy.ConnectionsPerAddress))
        {
            traffic.Refused(TrafficRefusal.ConnectionCount);
            return;
        }

        var transport = context.Transport;
        var brake = new ReadBrake(context, clock);
        context.Transport = brake;
        context.Features.Set(new StreamResets(brake, traffic, clock));
        try
        {
            await next(context);
        }
        finally
        {
            context.Transport = transport;
            traffic.Connections.Leave(client);
        }
    }

    private async ValueTask<ProxyHeader> ReadAsync(ConnectionContext context)
    {
        var input = context.Transport.Input;
        using var limit = new CancellationTokenSource(timeout, clock);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(limit.Token);
                var header = Look(result.Buffer);
                if (header.Kind != ProxyHeaderKind.NeedMoreData)
                {
                    var end = result.Buffer.GetPosition(header.Length);
                    input.AdvanceTo(end, end);
                    return header;
                }

                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (result.IsCompleted)
                    return header;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            return new ProxyHeader(ProxyHeaderKind.NeedMoreData);
        }
    }

    private static ProxyHeader Look(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
            return ProxyHeaderReader.Read(bytes.FirstSpan);
        var first = bytes.Slice(0, Math.Min(bytes.Length, ProxyHeaderReader.MaxBytes));
        return ProxyHeaderReader.Read(first.ToArray());
    }
}
