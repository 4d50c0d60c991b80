// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Importing;
using Sealock.Cluster.Sets;
using Sealock.Pki.Keys;
using Sealock.Tests.Cluster.Creating;
using Sealock.Tests.Support;

namespace Sealock.Tests.Cluster.Importing;

public sealed class ConfigurationInferenceTests
{
    private static readonly ClusterConfiguration Rich = new()
    {
        Name = "prod",
        EndpointHost = "api.example.com",
        EndpointPort = 8443,
        ServiceCidrs = [IPNetwork.Parse("10.24.0.0/16")],
        PodCidrs = [IPNetwork.Parse("10.200.0.0/16")],
        DnsDomain = "kubic.local",
        KeyAlgorithm = KeyAlgorithm.EcdsaP384,
        CertificateLifetime = TimeSpan.FromDays(90),
        AuthorityLifetime = TimeSpan.FromDays(1000),
        ExtraServerNames = ["extra.example.com", "192.0.2.7"],
        KubernetesVersion = new(33, 2),
        Nodes =
        [
            new() { Name = "master1", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("fd00::1")] },
            new() { Name = "worker1", Addresses = [IPAddress.Parse("10.0.0.11")] },
        ],
    };

    public static TheoryData<string> Configurations => ["rich", "flat", "keys-apart", "external-etcd", "intermediate", "plain"];

    [Theory]
    [MemberData(nameof(Configurations))]
    public void What_was_made_from_a_configuration_tells_it_again(string which)
    {
        var configuration = which switch
        {
            "rich" => Rich,
            "flat" => Rich with { Layout = ClusterLayout.Flat, PodCidrs = [], KubernetesVersion = KubernetesVersion.Default, ServiceCidrs = [IPNetwork.Parse("10.24.0.0/16")] },
            "keys-apart" => Rich with { AuthorityKeysApart = true },
            "external-etcd" => Rich with { ExternalEtcd = ["https://etcd1.example.com:2379", "https://etcd2.example.com:2379"] },
            "intermediate" => Rich with { IntermediateAuthority = true },
            _ => TemporarySet.Small,
        };
        using var set = new TemporarySet(configuration);
        set.Run();
        var inferred = ConfigurationInference.Infer([.. configuration.Nodes.Select(node => ((string?)null, set.PathOf("", node.Name)))]);
        Assert.Equal(ConfigurationWriter.Write(configuration), ConfigurationWriter.Write(inferred.Configuration));
        Assert.Empty(inferred.Problems);
        Assert.DoesNotContain(inferred.LeftOut, name => set.Plan.Certificates.Any(certificate => certificate.Name == name));
        var standing = StandingSet.Read(set.Plan, inferred.Folder, CancellationToken.None);
        Assert.All(standing.Files, file => Assert.False(file.IsMissing, file.Path));
    }

    [Fact]
    public void A_worker_alone_is_read_too()
    {
        using var set = new TemporarySet();
        set.Run();
        var inferred = ConfigurationInference.Infer(set.PathOf("/etc/kubernetes/pki", "worker1"));
        var node = Assert.Single(inferred.Configuration.Nodes);
        Assert.Equal(("worker1", false, "10.0.0.11"), (node.Name, node.IsControlPlane, node.Address.ToString()));
        Assert.Equal("api.example.com", inferred.Configuration.EndpointHost);
        Assert.NotNull(StandingSet.Read(Sealock.Cluster.Planning.ClusterPlan.For(inferred.Configuration), inferred.Folder, CancellationToken.None));
    }

    [Fact]
    public void The_folder_of_the_openssl_how_to_tells_its_master_and_minions()
    {
        using var openssl = new OpenSsl();
        openssl.Run("genrsa -out ca.key 2048");
        openssl.Run("req -x509 -new -nodes -key ca.key -subj /CN=kubemaster -days 10000 -out ca.crt");
        openssl.Write("san", "subjectAltName=DNS:kubernetes.default.svc,DNS:kubemaster,IP:10.24.0.1");
        openssl.Run("req -newkey rsa:2048 -nodes -keyout server.key -subj /CN=kubernetes.default.svc -out server.csr");
        openssl.Run("x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile san -days 10000 -out server.crt");
        foreach (var minion in new[] { "kubeminion1", "kubeminion2" })
        {
            openssl.Run($"req -newkey rsa:2048 -nodes -keyout {minion}.key -subj /CN={minion} -out {minion}.csr");
            openssl.Run($"x509 -req -days 10000 -in {minion}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out {minion}.crt");
        }

        var inferred = ConfigurationInference.Infer(openssl.Folder);
        var found = inferred.Configuration;
        Assert.Equal(["kubemaster", "kubeminion1", "kubeminion2"], found.Nodes.Select(node => node.Name));
        Assert.Equal((ClusterLayout.Flat, "kubemaster", "10.24.0.1", KeyAlgorithm.Rsa2048),
            (found.Layout, found.EndpointHost, found.ApiServiceAddress.ToString(), found.KeyAlgorithm));
        Assert.Equal(TimeSpan.FromDays(365), found.CertificateLifetime);
        Assert.Contains("etcd-server", inferred.LeftOut);
        Assert.DoesNotContain("apiserver", inferred.LeftOut);
        Assert.Empty(ConfigurationCheck.Mistakes(found));
    }

    [Fact]
    public void What_cannot_be_read_is_a_problem_among_others()
    {
        using var set = new TemporarySet();
        set.Run();
        File.WriteAllText(set.PathOf("/etc/kubernetes/pki/apiserver.crt"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        File.WriteAllText(set.PathOf("/etc/kubernetes/admin.conf"), "clusters: 7");
        File.WriteAllText(set.PathOf("/etc/kubernetes/manifests/kube-apiserver.yaml"), "[");
        var inferred = ConfigurationInference.Infer(set.PathOf("/etc/kubernetes/pki"));
        Assert.Equal(3, inferred.Problems.Count);
        Assert.Equal("master1", Assert.Single(inferred.Configuration.Nodes).Name);
    }

    [Theory]
    [InlineData("10.96.0.1", "10.96.0.0/12")]
    [InlineData("10.24.0.1", "10.24.0.0/16")]
    [InlineData("192.168.7.1", "192.168.7.0/24")]
    [InlineData("fd00:10:96::1", "fd00:10:96::/112")]
    public void The_first_service_address_tells_the_usual_range(string address, string range) =>
        Assert.Equal(range, ServiceAddress.UsualRange(IPAddress.Parse(address)).ToString());

    [Theory]
    [InlineData("--a=b --c d --flag --x=1=2", "a=b c=d flag=true x=1=2")]
    [InlineData("etcd --name=n -v 3", "name=n v=3")]
    public void Flags_are_read_as_programs_do(string line, string flags) => Assert.Equal(
        flags, string.Join(' ', ComponentFlags.FromArguments(line.Split(' ')).All.Select(pair => $"{pair.Key}={pair.Value}")));
}
