// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Cluster;

/// <summary><c>sealock pki list|check|verify</c> as processes, on what kubeadm and Sealock make.</summary>
public sealed class VerifyTests
{
    [PeerTheory("kubeadm")]
    [InlineData("RSA")]
    [InlineData("ECDSA")]
    public async Task What_kubeadm_makes_is_sound_but_for_what_it_did_in_those_days(string algorithm)
    {
        using var folder = new TemporaryFolder();
        var etc = folder["etc/kubernetes"];
        Directory.CreateDirectory(etc);
        await File.WriteAllTextAsync(folder["kubeadm.yaml"], $$"""
            apiVersion: kubeadm.k8s.io/v1beta2
            kind: ClusterConfiguration
            kubernetesVersion: v1.20.2
            certificatesDir: {{etc}}/pki
            controlPlaneEndpoint: api.example.com:6443
            featureGates:
              PublicKeysECDSA: {{(algorithm == "ECDSA" ? "true" : "false")}}
            ---
            apiVersion: kubeadm.k8s.io/v1beta2
            kind: InitConfiguration
            localAPIEndpoint:
              advertiseAddress: 10.0.0.1
            nodeRegistration:
              name: master1
            """);
        var kubeadm = Path.Combine(Peers.Kubernetes!, "kubeadm");
        (await Tool.RunAsync(kubeadm, ["init", "phase", "certs", "all", "--config", folder["kubeadm.yaml"]])).Succeeded();
        (await Tool.RunAsync(kubeadm, ["init", "phase", "kubeconfig", "all", "--config", folder["kubeadm.yaml"], "--kubeconfig-dir", etc])).Succeeded();

        var verified = (await Tool.RunAsync(SealockProcess.Program, ["pki", "verify", "--dir", etc + "/pki", "-o", "json"])).Succeeded();
        Assert.Equal(
            [
                "info masters-group admin.conf", "info masters-group apiserver-kubelet-client",
                "info serial-number ca", "info serial-number etcd-ca", "info serial-number front-proxy-ca",
            ],
            JsonNode.Parse(verified)!["findings"]!.AsArray().Select(finding => $"{finding!["severity"]} {finding["rule"]} {finding["subject"]}").Order(StringComparer.Ordinal));

        var listed = (await Tool.RunAsync(SealockProcess.Program, ["pki", "list", "--dir", etc, "-o", "json"])).Succeeded();
        var theirs = (await Tool.RunAsync(kubeadm, ["certs", "check-expiration", "--config", folder["kubeadm.yaml"], "--cert-dir", etc + "/pki"])).Output;
        var rows = JsonNode.Parse(listed)!["certificates"]!.AsArray();
        Assert.Equal(14, rows.Count);
        Assert.Equal(4, rows.Count(row => row!["path"]!.GetValue<string>().EndsWith(".conf", StringComparison.Ordinal)));
        foreach (var name in new[] { "apiserver", "apiserver-etcd-client", "apiserver-kubelet-client", "etcd-healthcheck-client", "etcd-peer", "etcd-server", "front-proxy-client" })
        {
            var row = Assert.Single(rows, row => row!["name"]!.GetValue<string>() == name)!;
            var expires = DateTimeOffset.Parse(row["notAfter"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
            if (theirs.Contains(name, StringComparison.Ordinal))
                Assert.Contains($"{name} ", theirs.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal) && line.Contains(expires.ToString("MMM dd, yyyy HH:mm", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Exit_codes_tell_whether_something_has_to_be_done()
    {
        using var folder = new TemporaryFolder();
        var set = folder["set"];
        (await Tool.RunAsync(SealockProcess.Program, ["pki", "init", "--out", set, "--node", "master1=10.0.0.1"])).Succeeded();
        Assert.Contains("Nothing has to be done", (await Tool.RunAsync(SealockProcess.Program, ["pki", "check", "--dir", set])).SucceededQuietly(), StringComparison.Ordinal);
        Assert.Contains("nothing is wrong", (await Tool.RunAsync(SealockProcess.Program, ["pki", "verify", "--dir", set])).SucceededQuietly(), StringComparison.Ordinal);
        // The folder's own cluster.yaml is found without a word.
        (await Tool.RunAsync(SealockProcess.Program, ["pki", "check"], folder: set)).Succeeded();
        (await Tool.RunAsync(SealockProcess.Program, ["pki", "check"], folder: folder.Path)).Failed();

        // Certificates that live shorter than that count as expiring in their last third only.
        Assert.Equal(0, (await Tool.RunAsync(SealockProcess.Program, ["pki", "check", "--dir", set, "--within", "370d"])).ExitCode);
        Assert.Equal(1, (await Tool.RunAsync(SealockProcess.Program, ["pki", "check", "--dir", set, "--within", "8759h59m"])).ExitCode);

        var key = set + "/nodes/master1/etc/kubernetes/pki/apiserver.key";
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Equal(0, (await Tool.RunAsync(SealockProcess.Program, ["pki", "verify", "--dir", set])).ExitCode);
        Assert.Equal(1, (await Tool.RunAsync(SealockProcess.Program, ["pki", "verify", "--dir", set, "--strict"])).ExitCode);
        File.Delete(key);
        Assert.Equal(1, (await Tool.RunAsync(SealockProcess.Program, ["pki", "verify", "--dir", set])).ExitCode);
        var check = await Tool.RunAsync(SealockProcess.Program, ["pki", "check", "--dir", set]);
        Assert.Equal(1, check.ExitCode);
        Assert.Contains("sealock pki init", check.Output, StringComparison.Ordinal);

        Assert.Equal(2, (await Tool.RunAsync(SealockProcess.Program, ["pki", "check", "--dir", set, "--within", "soon"])).ExitCode);
        Assert.Equal(2, (await Tool.RunAsync(SealockProcess.Program, ["pki", "verify", "--dir", folder["nothing"]])).ExitCode);
        Assert.Equal(2, (await Tool.RunAsync(SealockProcess.Program, ["pki", "list", "--dir", set, "--node", "master9"])).ExitCode);
    }

    [PeerFact("promtool")]
    public async Task The_metrics_page_passes_promtool()
    {
        using var folder = new TemporaryFolder();
        (await Tool.RunAsync(SealockProcess.Program, ["pki", "init", "--out", folder["set"], "--node", "master1=10.0.0.1"])).Succeeded();
        var page = (await Tool.RunAsync(SealockProcess.Program, ["pki", "list", "--dir", folder["set"], "-o", "prometheus"])).Succeeded();
        (await Tool.RunAsync("promtool", ["check", "metrics"], input: page)).Succeeded();
    }
}
