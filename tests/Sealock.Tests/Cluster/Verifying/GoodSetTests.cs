// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Surveying;
using Sealock.Cluster.Verifying;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Cluster.Verifying;

/// <summary>Nothing is found where nothing is wrong, whatever shape the set has.</summary>
public sealed class GoodSetTests
{
    private static readonly ClusterNode Master = new() { Name = "master1", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.1")] };
    private static readonly ClusterNode Worker = new() { Name = "worker1", Addresses = [IPAddress.Parse("10.0.0.9"), IPAddress.Parse("fd00::9")], DnsNames = ["worker1.example.com"] };
    private static readonly ClusterConfiguration Small = new() { EndpointHost = "api.example.com", Nodes = [Master, Worker] };

    private static readonly (string Name, ClusterConfiguration Configuration)[] Shapes =
    [
        ("the kubeadm layout", Small),
        ("the flat layout", Small with { Layout = ClusterLayout.Flat }),
        ("RSA keys", Small with { KeyAlgorithm = KeyAlgorithm.Rsa2048, Nodes = [Master] }),
        ("an intermediate CA", Small with { IntermediateAuthority = true }),
        ("an intermediate CA and the flat layout", Small with { IntermediateAuthority = true, Layout = ClusterLayout.Flat }),
        ("CA keys apart", Small with { AuthorityKeysApart = true }),
        ("an external etcd", Small with { ExternalEtcd = ["https://etcd.example.com:2379"] }),
        ("a wildcard among the names", Small with { ExtraServerNames = ["*.api.example.com", "192.0.2.7"] }),
        ("three control planes", Small with
        {
            Nodes = [.. Enumerable.Range(1, 3).Select(i => Master with { Name = $"master{i}", Addresses = [IPAddress.Parse($"10.0.0.{i}")] }), Worker],
        }),
        ("an address for an endpoint", Small with { EndpointHost = "10.0.0.1", Nodes = [Master] }),
    ];

    public static TheoryData<string> Names => [.. Shapes.Select(shape => shape.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_good_set_has_no_findings(string name)
    {
        using var set = SetCopy.Make(Shapes.Single(shape => shape.Name == name).Configuration);
        Assert.Empty(set.Verify());
    }

    [Theory]
    [InlineData("master1", "")]
    [InlineData("master1", "/etc/kubernetes")]
    [InlineData("master1", "/etc/kubernetes/pki")]
    [InlineData("worker1", "/etc/kubernetes")]
    public void A_nodes_own_folders_have_no_findings_without_any_configuration(string node, string folder)
    {
        using var set = SetCopy.Make(Small);
        var scope = SurveyScope.OfFolder(set.At(node, folder));
        var survey = Survey.Read(scope, SetCopy.Now, TimeSpan.FromDays(30), CancellationToken.None);
        Assert.Empty(Verifier.Run(survey));
        Assert.Equal(set.Plan.Certificates.Count(certificate => certificate.Node.Name == node), survey.Leaves.Count);
    }

    [Fact]
    public void A_flat_folder_has_no_findings_without_any_configuration()
    {
        using var set = SetCopy.Make(Small with { Layout = ClusterLayout.Flat });
        Assert.Empty(Verifier.Run(Survey.Read(SurveyScope.OfFolder(set.At("master1", "/srv/kubernetes")), SetCopy.Now, TimeSpan.FromDays(30), CancellationToken.None)));
    }
}
