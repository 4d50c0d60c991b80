// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Distributing;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki.Files;
using Sealock.Tests.Cluster.Staging;

namespace Sealock.Tests.Cluster.Distributing;

public sealed class SetShipmentsTests : IDisposable
{
    private readonly Folder _root = new();

    private readonly ClusterConfiguration _configuration = new()
    {
        EndpointHost = "api.example.com",
        ControlPlaneOwner = "kube:kube",
        Nodes =
        [
            new ClusterNode { Name = "master1", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.1")], Ssh = "admin@bastion:2222" },
            new ClusterNode { Name = "worker1", Addresses = [IPAddress.Parse("10.0.0.2")] },
        ],
    };

    private readonly ClusterPlan _plan;

    public SetShipmentsTests()
    {
        _plan = ClusterPlan.For(_configuration);
        var folder = new SetFolder(_root.Path);
        foreach (var file in _plan.Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.PathOf(file))!);
            AtomicFile.Write(folder.PathOf(file), "x"u8, AtomicFile.Secret);
        }
    }

    private ClusterNode Master => _configuration.Nodes[0];

    private ClusterNode Worker => _configuration.Nodes[1];

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_node_gets_its_files_with_the_modes_and_owners_of_the_plan()
    {
        var (master, _) = Read(Master);
        Assert.Equal(
            _plan.Files.Where(file => file.Node == Master).Select(file => (file.Path, file.Mode, file.Owner)).Order(),
            master!.Files.Select(file => ("/" + file.Path, file.Mode, file.Owner)).Order());
        Assert.Contains(master.Files, file => file is { Path: "etc/kubernetes/pki/ca.key", Mode: AtomicFile.Secret, Owner: "kube:kube" });
        Assert.Contains("-p 2222 -l admin -- bastion", string.Join(' ', master.Shell.Arguments), StringComparison.Ordinal);

        var (worker, _) = Read(Worker, new ShippingOptions { User = "me", Sudo = true, Root = "/trial/{node}", Owner = "0:0" });
        Assert.All(worker!.Files, file => Assert.Equal("0:0", file.Owner));
        Assert.Equal("/trial/worker1", worker.Root);
        Assert.Contains("-l me -- 10.0.0.2 exec sudo", string.Join(' ', worker.Shell.Arguments), StringComparison.Ordinal);
    }

    [Fact]
    public void Trust_goes_first_and_what_starts_components_last()
    {
        var paths = Read(Master).Shipment!.Files.Select(file => file.Path).ToList();
        Assert.True(paths.IndexOf("etc/kubernetes/pki/ca.crt") < paths.IndexOf("etc/kubernetes/admin.conf"));
        Assert.True(paths.IndexOf("etc/kubernetes/pki/etcd/ca.crt") < paths.IndexOf("etc/kubernetes/pki/apiserver-etcd-client.crt"));
        Assert.StartsWith("etc/kubernetes/manifests/", paths[^1], StringComparison.Ordinal);
        Assert.True(paths.IndexOf("etc/kubernetes/manifests/etcd.yaml") > paths.IndexOf("etc/kubernetes/pki/etcd/server.key"));
    }

    [Fact]
    public void Files_that_were_put_there_besides_go_along_but_requests_and_temporary_files_do_not()
    {
        File.WriteAllText(_root["nodes/master1/etc/motd"], "hello");
        File.SetUnixFileMode(_root["nodes/master1/etc/motd"], AtomicFile.Public);
        File.WriteAllText(_root["nodes/master1/etc/kubernetes/pki/apiserver.csr"], "");
        File.WriteAllText(_root["nodes/master1/etc/kubernetes/pki/.apiserver.crt.0123"], "");
        var planned = _plan.Files.Count(file => file.Node == Master);
        var files = Read(Master).Shipment!.Files;
        Assert.Equal(planned + 1, files.Count);
        Assert.Contains(files, file => file is { Path: "etc/motd", Mode: AtomicFile.Public, Owner: "kube:kube" });
    }

    [Fact]
    public void A_CA_key_may_be_kept_elsewhere_and_anything_else_that_is_missing_is_told()
    {
        File.Delete(_root["nodes/master1/etc/kubernetes/pki/ca.key"]);
        Assert.Null(Read(Master).Mistake);
        File.Delete(_root["nodes/master1/etc/kubernetes/pki/apiserver.key"]);
        Assert.Contains("lacks /etc/kubernetes/pki/apiserver.key: sealock pki init", Read(Master).Mistake, StringComparison.Ordinal);
        Assert.Null(Read(Worker).Mistake);
        Directory.Delete(_root["nodes/worker1"], recursive: true);
        Assert.Contains("more: sealock pki init", Read(Worker).Mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_in_the_set_is_not_followed()
    {
        File.CreateSymbolicLink(_root["nodes/worker1/etc/shadow"], "/etc/shadow");
        Assert.Contains("etc/shadow is no ordinary file", Read(Worker).Mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void A_way_that_is_none_is_told()
    {
        var node = Worker with { Ssh = "-oProxyCommand=id" };
        Assert.Contains("[user@]host[:port]", Read(node).Mistake, StringComparison.Ordinal);
    }

    private (NodeShipment? Shipment, string? Mistake) Read(ClusterNode node, ShippingOptions? options = null) =>
        new SetShipments(_plan, new SetFolder(_root.Path), options ?? new ShippingOptions()).Read(node);
}
