// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Pki.Certificates;

namespace Sealock.EndToEnd.Cluster;

/// <summary>
/// The same cluster made by the real kubeadm and by Sealock: every file, certificate and kubeconfig, field by field. They
/// differ only where docs/differences.md says so, and everywhere where it says so.
/// </summary>
public sealed class KubeadmComparisonTests
{
    private const string ClusterYaml = """
        name: prod
        kubernetesVersion: 1.20.2
        endpoint: api.example.com:6443
        serviceCIDR: 10.96.0.0/12
        certSANs: [extra.example.com, 192.0.2.7, "*.wild.example.com"]
        nodes:
        - {name: master1, role: control-plane, addresses: [10.0.0.1]}
        """;

    [PeerTheory("kubeadm")]
    [InlineData("RSA-2048", "RSA")]
    [InlineData("ECDSA-P256", "ECDSA")]
    public async Task Files_certificates_and_kubeconfigs_differ_from_kubeadms_only_where_it_is_documented(string algorithm, string key)
    {
        using var folder = new TemporaryFolder();
        var made = TimeProvider.System.GetUtcNow();
        var theirs = KubeadmSet.Read(await MakeWithKubeadmAsync(folder), made);
        var ours = KubeadmSet.Read(await MakeAsync(folder, $"keyAlgorithm: {algorithm}"), made);
        var known = KnownCertificateDifference.Read(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "differences.md")));
        var found = theirs.DifferencesTo(ours).ToList();

        var report = new StringBuilder();
        foreach (var difference in found.Where(difference => !known.Any(entry => entry.Covers(key, difference))))
            report.AppendLine($"not documented: {difference}");
        foreach (var entry in known.Where(entry => (entry.Key == "any" || entry.Key == key) && !found.Any(difference => entry.Covers(key, difference))))
            report.AppendLine($"documented, but there is no such difference: {entry}");
        Assert.True(report.Length == 0, report.ToString());
        Assert.Equal(26, theirs.Facts.Count);
    }

    /// <summary>The newest kubeadm's identities, as its documentation and code have them: it cannot be built here.</summary>
    public static TheoryData<string, string, string, string, string> Newest => new()
    {
        // file, common name, organizations, extended key usage, issuer
        { "pki/apiserver.crt", "kube-apiserver", "", "server auth", "CN=kubernetes" },
        { "pki/apiserver-kubelet-client.crt", "kube-apiserver-kubelet-client", "kubeadm:cluster-admins", "client auth", "CN=kubernetes" },
        { "pki/front-proxy-client.crt", "front-proxy-client", "", "client auth", "CN=front-proxy-ca" },
        { "pki/etcd/server.crt", "master1", "", "server auth, client auth", "CN=etcd-ca" },
        { "pki/etcd/peer.crt", "master1", "", "server auth, client auth", "CN=etcd-ca" },
        { "pki/etcd/healthcheck-client.crt", "kube-etcd-healthcheck-client", "", "client auth", "CN=etcd-ca" },
        { "pki/apiserver-etcd-client.crt", "kube-apiserver-etcd-client", "", "client auth", "CN=etcd-ca" },
        { "admin.conf", "kubernetes-admin", "kubeadm:cluster-admins", "client auth", "CN=kubernetes" },
        { "super-admin.conf", "kubernetes-super-admin", "system:masters", "client auth", "CN=kubernetes" },
        { "kubelet.conf", "system:node:master1", "system:nodes", "client auth", "CN=kubernetes" },
        { "controller-manager.conf", "system:kube-controller-manager", "", "client auth", "CN=kubernetes" },
        { "scheduler.conf", "system:kube-scheduler", "", "client auth", "CN=kubernetes" },
    };

    [Fact]
    public async Task Identities_are_those_of_the_newest_kubeadm()
    {
        using var folder = new TemporaryFolder();
        var ours = KubeadmSet.Read(await MakeAsync(folder, ""), TimeProvider.System.GetUtcNow());
        foreach (var row in Newest)
        {
            var (file, name, organizations, usage, issuer) = ((string)row[0], (string)row[1], (string)row[2], (string)row[3], (string)row[4]);
            var facts = ours.Facts[file];
            var prefix = file.EndsWith(".conf", StringComparison.Ordinal) ? "client " : "";
            Assert.Equal((file, name, organizations, usage, issuer), (file, facts[prefix + "common name"], facts[prefix + "organizations"],
                facts[prefix + "extended key usage"], facts[prefix + "issuer"]));
        }

        Assert.Equal("DNS:kubernetes", ours.Facts["pki/ca.crt"]["names"]);
    }

    [PeerTheory("openssl", "kubectl")]
    [InlineData("")]
    [InlineData("intermediateCA: true")]
    [InlineData("keyAlgorithm: ECDSA-P384")]
    public async Task Openssl_accepts_every_leaf_for_its_purpose_and_kubectl_every_kubeconfig(string more)
    {
        using var folder = new TemporaryFolder();
        var etc = await MakeAsync(folder, more);
        foreach (var (file, bundle, purposes) in new (string, string, string[])[]
        {
            ("apiserver", "ca", ["sslserver"]), ("apiserver-kubelet-client", "ca", ["sslclient"]), ("front-proxy-client", "front-proxy-ca", ["sslclient"]),
            ("etcd/server", "etcd/ca", ["sslserver", "sslclient"]), ("etcd/peer", "etcd/ca", ["sslserver", "sslclient"]),
            ("etcd/healthcheck-client", "etcd/ca", ["sslclient"]), ("apiserver-etcd-client", "etcd/ca", ["sslclient"]),
        })
        {
            foreach (var purpose in purposes)
                await VerifyAsync($"{etc}/pki/{bundle}.crt", purpose, $"{etc}/pki/{file}.crt");
        }

        var kubelet = Path.Combine(etc, "..", "..", "var", "lib", "kubelet", "pki", "kubelet.crt");
        await VerifyAsync($"{etc}/pki/ca.crt", "sslserver", kubelet);
        foreach (var config in Directory.EnumerateFiles(etc, "*.conf"))
        {
            var view = (await Tool.RunAsync(Peers.Kubectl, ["--kubeconfig", config, "config", "view", "--minify", "--raw", "-o", "jsonpath={.users[0].user.client-certificate-data}"])).SucceededQuietly();
            var pem = Encoding.UTF8.GetString(Convert.FromBase64String(view));
            var leaf = Path.Combine(folder.Path, Path.GetFileName(config) + ".crt");
            await File.WriteAllTextAsync(leaf, pem);
            await VerifyAsync($"{etc}/pki/ca.crt", "sslclient", leaf);
            Assert.NotEmpty(Certificate.ListFromPem(pem));
        }

        static async Task VerifyAsync(string bundle, string purpose, string leaf) =>
            (await Tool.RunAsync("openssl", ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", bundle, "-untrusted", leaf, leaf])).Succeeded();
    }

    [PeerTheory("kubeadm")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_set_that_kubeadm_made_is_taken_over_and_kept(bool inPlace)
    {
        using var folder = new TemporaryFolder();
        var pki = Path.Combine(await MakeWithKubeadmAsync(folder), "pki");
        var before = Directory.EnumerateFiles(folder["kubeadm"], "*", SearchOption.AllDirectories).ToDictionary(path => path, File.ReadAllText);
        string[] target = inPlace ? ["--in-place"] : ["--out", folder["set"]];
        var told = (await Tool.RunAsync(SealockProcess.Program, ["pki", "import", pki, .. target])).Succeeded();
        Assert.Contains("endpoint: api.example.com:6443", told, StringComparison.Ordinal);
        var set = inPlace ? pki : folder["set"];
        var made = (await Tool.RunAsync(SealockProcess.Program, ["pki", "init", "--out", set])).SucceededQuietly();
        foreach (var kept in new[] { "ca", "front-proxy-ca", "etcd-ca", "sa", "apiserver", "apiserver-kubelet-client", "etcd-peer", "admin.conf", "scheduler.conf" })
            Assert.Matches($@"(?m)^  {kept} +kept ", made);
        Assert.Matches("(?m)^  kube-proxy.conf +made  missing", made);
        Assert.All(before, pair => Assert.Equal(pair.Value, File.ReadAllText(pair.Key)));
        Assert.Contains("Nothing has changed", (await Tool.RunAsync(SealockProcess.Program, ["pki", "init", "--out", set])).SucceededQuietly(), StringComparison.Ordinal);
    }

    /// <summary>The set's <c>etc/kubernetes</c>.</summary>
    private static async Task<string> MakeAsync(TemporaryFolder folder, string more)
    {
        await File.WriteAllTextAsync(folder["cluster.yaml"], $"{ClusterYaml}\n{more}\n");
        (await Tool.RunAsync(SealockProcess.Program, ["pki", "init", "--config", folder["cluster.yaml"], "--out", folder["set"]])).SucceededQuietly();
        return Path.Combine(folder["set"], "nodes", "master1", "etc", "kubernetes");
    }

    private static async Task<string> MakeWithKubeadmAsync(TemporaryFolder folder)
    {
        var etc = folder["kubeadm"];
        await File.WriteAllTextAsync(folder["kubeadm.yaml"], $$"""
            apiVersion: kubeadm.k8s.io/v1beta2
            kind: InitConfiguration
            localAPIEndpoint: {advertiseAddress: 10.0.0.1, bindPort: 6443}
            nodeRegistration: {name: master1}
            ---
            apiVersion: kubeadm.k8s.io/v1beta2
            kind: ClusterConfiguration
            kubernetesVersion: v1.20.2
            clusterName: prod
            controlPlaneEndpoint: api.example.com:6443
            certificatesDir: {{etc}}/pki
            networking: {serviceSubnet: 10.96.0.0/12, dnsDomain: cluster.local}
            apiServer: {certSANs: [extra.example.com, 192.0.2.7, "*.wild.example.com"]}
            """);
        var kubeadm = Path.Combine(Peers.Kubernetes!, "kubeadm");
        (await Tool.RunAsync(kubeadm, ["init", "phase", "certs", "all", "--config", folder["kubeadm.yaml"]])).Succeeded();
        (await Tool.RunAsync(kubeadm, ["init", "phase", "kubeconfig", "all", "--config", folder["kubeadm.yaml"], "--kubeconfig-dir", etc])).Succeeded();
        return etc;
    }
}
