// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Issuance;

/// <summary>The kinds of issuance as people use them with kubectl.</summary>
public sealed class KubectlTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    [PeerFact("kubectl")]
    public async Task Documented_manifests_apply_as_they_stand_with_the_oldest_and_the_newest_kubectl()
    {
        foreach (var kubectl in Both)
        {
            await DocumentedManifests.ApplyAsync((arguments, input) => cluster.KubectlAsync(kubectl, input, arguments.Split(' ')));
            await QuietAsync(kubectl, "delete", "ns/sandbox", "ns/cert-manager");
            await QuietAsync(kubectl, "delete", "clusterissuers,certificaterequestpolicies,bundles", "--all");
        }
    }

    [PeerFact("kubectl")]
    public async Task They_are_listed_explained_described_and_patched()
    {
        const string manifest = """
            apiVersion: cert-manager.io/v1
            kind: Certificate
            metadata: {name: shown, namespace: default}
            spec: {secretName: shown-tls, commonName: shown.example, issuerRef: {name: nobody-has-this}}
            """;
        foreach (var kubectl in Both)
        {
            var applied = await cluster.KubectlAsync(kubectl, manifest, "apply", "-f", "-");
            Assert.Equal("", applied.Errors);
            Assert.Matches("NAME +READY +SECRET +AGE\nshown +(True|False)? +shown-tls +[0-9]+s", await QuietAsync(kubectl, "get", "cert", "shown"));
            Assert.Matches("NAME +READY +SECRET +ISSUER +STATUS +AGE", await QuietAsync(kubectl, "get", "certs", "shown", "-o", "wide"));
            Assert.Contains("shown", await QuietAsync(kubectl, "get", "cert-manager"), StringComparison.Ordinal);
            Assert.Contains("rotationPolicy", await QuietAsync(kubectl, "explain", "certificate.spec.privateKey"), StringComparison.Ordinal);
            Assert.Contains("tsigKeyName", await QuietAsync(kubectl, "explain", "clusterissuer.spec.acme.solvers.dns01.rfc2136"), StringComparison.Ordinal);
            Assert.Contains("nodeAffinity", await QuietAsync(
                kubectl, "explain", "issuer.spec.acme.solvers.http01.ingress.podTemplate.spec.affinity"), StringComparison.Ordinal);
            Assert.Matches("Secret Name: +shown-tls", await QuietAsync(kubectl, "describe", "cert", "shown"));
            await QuietAsync(kubectl, "patch", "cert", "shown", "--type=merge", "-p", """{"spec":{"dnsNames":["a.example"]}}""");
            await QuietAsync(kubectl, "patch", "cert", "shown", "--type=json", "-p", """[{"op":"add","path":"/spec/dnsNames/-","value":"b.example"}]""");
            Assert.Equal("[\"a.example\",\"b.example\"]", await QuietAsync(kubectl, "get", "cert", "shown", "-o", "jsonpath={.spec.dnsNames}"));
            var refused = await cluster.KubectlAsync(kubectl, null, "patch", "cert", "shown", "--type=merge", "-p", """{"spec":{"duration":"1m"}}""");
            Assert.Contains("certificate duration must be at least 5m", refused.Errors, StringComparison.Ordinal);
            await QuietAsync(kubectl, "delete", "cert", "shown");
        }
    }

    private static IEnumerable<string> Both => new[] { Peers.Kubectls[0].Path, Peers.Kubectls[^1].Path }.Distinct();

    private async Task<string> QuietAsync(string kubectl, params string[] arguments)
    {
        var result = await cluster.KubectlAsync(kubectl, null, arguments);
        Assert.True(result.ExitCode == 0 && result.Errors.Length == 0, $"{result.Command}\n{result.Errors}");
        return result.Output;
    }
}
