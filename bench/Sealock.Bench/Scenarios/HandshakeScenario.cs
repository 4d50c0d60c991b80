// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Http;
using Sealock.Bench.Measuring;
using Sealock.Bench.Native;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>What kind of handshakes.</summary>
internal enum HandshakeKind
{
    /// <summary>Full ones.</summary>
    Full,

    /// <summary>Each resumes the session of the one before.</summary>
    Resumed,

    /// <summary>Full ones, in which the client proves who it is.</summary>
    Certificate,

    /// <summary>The same, and a GET.</summary>
    CertificateAndRequest,
}

/// <summary>Connections over TLS 1.3, one after the other by each client: TCP, the handshake, goodbye.</summary>
internal sealed class HandshakeScenario(string name, string title, HandshakeKind kind, Aim? aim = null) : Scenario(name)
{
    private readonly Metric _rate = new(title, "/s", aim);
    private readonly Metric _cost = new(title + ", server's processor", "s/10,000");

    public override string Family => "front";

    public override Field Field => Field.FrontDoors;

    public override async Task PrepareAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        if (kind == HandshakeKind.CertificateAndRequest)
            await GetScenario.FillAsync(target, cancellationToken);
        using var client = Client(target);
        await NativeLoad.RunAsync(pace.Window, () => new Handshakes(client, kind));
    }

    public override async Task<IReadOnlyList<Reading>> MeasureAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        using var client = Client(target);
        return await NativeLoad.MeasureAsync(target, pace, _rate, _cost, () => new Handshakes(client, kind));
    }

    private NativeClient Client(Target target) =>
        new(target.Address, kind is HandshakeKind.Full or HandshakeKind.Resumed ? null : target.UserIdentityFile());

    private sealed class Handshakes(NativeClient client, HandshakeKind kind) : IRepeated
    {
        private readonly byte[] _buffer = new byte[16 * 1024];
        private readonly byte[] _request = RequestText.Of("GET", GetScenario.Path, token: null);
        private NativeSession? _session;

        public void Once()
        {
            using var connection = client.Connect(_session);
            if (connection.IsResumed != (_session is not null))
                throw new InvalidOperationException("the server did not resume a session");
            if (kind == HandshakeKind.CertificateAndRequest && connection.Send(_request, _buffer) is not 200 and var status)
                throw new InvalidOperationException($"the server answered {status}");
            connection.End(_buffer);
            if (kind != HandshakeKind.Resumed)
                return;
            _session?.Dispose();
            _session = connection.Session();
        }

        public void Dispose() => _session?.Dispose();
    }
}
