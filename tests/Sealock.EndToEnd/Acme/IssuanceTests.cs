// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Acme.Solvers;

namespace Sealock.EndToEnd.Acme;

/// <summary>Certificates from a real, strict pebble that validates for real.</summary>
public sealed class IssuanceTests
{
    [PeerTheory("pebble", "pebble-challtestsrv")]
    [InlineData(5)]
    [InlineData(50)]
    public async Task Http_01_proves_several_names_whatever_happens_to_nonces(int nonceReject)
    {
        await using var solver = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await using var rig = await AcmeRig.StartAsync(httpPort: solver.Address.Port, options: new() { NonceReject = nonceReject });
        var outcome = await rig.Issuance(solver).RunAsync(AcmeRig.Order("a.example.com", "b.example.com", "127.0.0.1"));
        await rig.IssuedAsync(outcome, "a.example.com", "b.example.com", "127.0.0.1");
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task Tls_alpn_01_proves_names_and_addresses()
    {
        await using var solver = TlsAlpn01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await using var rig = await AcmeRig.StartAsync(tlsPort: solver.Address.Port);
        var outcome = await rig.Issuance(solver).RunAsync(AcmeRig.Order("a.example.com", "127.0.0.1"));
        await rig.IssuedAsync(outcome, "a.example.com", "127.0.0.1");
    }
}
