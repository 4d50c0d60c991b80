// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Cluster;

/// <summary>Three real etcd members with what was made for them.</summary>
public sealed class EtcdMembersTests : IAsyncLifetime
{
    private static readonly string[] Masters = ["master1", "master2", "master3"];
    private ControlPlane? _plane;

    private ControlPlane Plane => _plane ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        if (!Peers.Has("etcd") || !Peers.Has("etcdctl"))
            return;
        _plane = await ControlPlane.CreateAsync(3);
        await _plane.StartEtcdAsync(Masters);
    }

    public async Task DisposeAsync()
    {
        if (_plane is not null)
            await _plane.DisposeAsync();
    }

    [PeerFact("etcd", "etcdctl", "curl")]
    public async Task Three_members_speak_with_each_other_and_with_clients_of_their_authority_only()
    {
        // What one member is told, every other one knows.
        (await Plane.EtcdctlAsync("master1", "put", "a", "b")).Succeeded();
        foreach (var master in Masters)
            Assert.Equal("a\nb\n", (await Plane.EtcdctlAsync(master, "get", "a")).Succeeded());
        Assert.Equal(3, (await Plane.EtcdctlAsync("master2", "member", "list")).Succeeded().Split('\n').Count(line => line.Contains("started", StringComparison.Ordinal)));

        // The API server's certificate for etcd is good; none at all, and one of the cluster's own authority, are not.
        (await Plane.EtcdctlAsync("master3", Client("apiserver-etcd-client"), ["get", "a"])).Succeeded();
        (await Plane.EtcdctlAsync("master3", [], ["get", "a"])).Failed();
        (await Plane.EtcdctlAsync("master3", Client("apiserver-kubelet-client"), ["get", "a"])).Failed();
        foreach (var port in new[] { 2379, 2380 })
        {
            var address = $"{Plane.AddressOf("master2")}:{port}";
            Assert.DoesNotContain("\"etcd", (await CurlAsync($"http://{address}/version")).Output, StringComparison.Ordinal);
            (await CurlAsync("--cacert", Plane.PkiFile("master2", "etcd/ca.crt"), $"https://{address}/version")).Failed();
            // TLS 1.1, and suites without authenticated encryption, are refused.
            (await CurlAsync([.. Known("master2"), "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0", $"https://{address}/version"])).Failed();
            (await CurlAsync([.. Known("master2"), "--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-SHA", $"https://{address}/version"])).Failed();
            (await CurlAsync([.. Known("master2"), "--http1.1", "--tls-max", "1.2", $"https://{address}/version"])).Succeeded();
        }
    }

    private string[] Client(string name) => ["--cert", Plane.PkiFile("master3", $"{name}.crt"), "--key", Plane.PkiFile("master3", $"{name}.key")];

    private string[] Known(string node) =>
    [
        "--cacert", Plane.PkiFile(node, "etcd/ca.crt"),
        "--cert", Plane.PkiFile(node, "etcd/healthcheck-client.crt"), "--key", Plane.PkiFile(node, "etcd/healthcheck-client.key"),
    ];

    private static Task<ToolResult> CurlAsync(params string[] arguments) => Tool.RunAsync("curl", ["-sS", "--max-time", "10", .. arguments]);
}
