// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>The port as testssl sees it, where it looks for weaknesses too: this takes as long as all of <see cref="TlsScanTests"/>.</summary>
public sealed class TlsScanDeepTests
{
    private const string Name = "k8s.example.com";

    [PeerFact("testssl", "sslscan", "openssl")]
    public async Task After_set_up()
    {
        await using var server = await FrontDoorServer.UpAsync();
        await server.SetUpAsync(Name);
        await TlsScan.CheckAsync(new("selfSigned", Name, server.Process.Port, server["data/pki/ca.crt"]), deep: true);
    }
}
