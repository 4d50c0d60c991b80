// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Cluster.Handshakes;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Metrics;
using Sealock.Hosting.Telemetry;
using Sealock.Pki.Certificates;
using Sealock.Tests.Gateway;

namespace Sealock.Tests.Telemetry;

public class ServingProofTests
{
    [Fact]
    public void What_is_shown_has_to_be_what_was_to_be_served_before_or_after()
    {
        using var authority = new TestAuthority("ca");
        var (old, young, other) = (Issue(authority), Issue(authority), Issue(authority));
        Assert.Equal(Proof.Served, ServingProof.Judge(new EndpointAnswer { Chain = [old] }, old, young).Proof);
        Assert.Equal(Proof.Served, ServingProof.Judge(new EndpointAnswer { Chain = [young] }, old, young).Proof);
        var verdict = ServingProof.Judge(new EndpointAnswer { Chain = [other] }, old, young);
        Assert.Equal((Proof.Other, young), (verdict.Proof, verdict.Certificate));
        Assert.Contains(other.Sha256Hex, verdict.Why, StringComparison.Ordinal);
        var unknown = ServingProof.Judge(new EndpointAnswer { Failure = "refused" }, old, young);
        Assert.Equal((Proof.Unknown, "refused"), (unknown.Proof, unknown.Why));
    }

    [Fact]
    public async Task A_server_proves_at_the_start_and_after_each_rotation_what_it_serves()
    {
        await using var rig = await GatewayRig.StartAsync();
        await using var proof = new ServingProof(rig.Server, TimeProvider.System, NullLogger.Instance);
        var where = $"sealock_serving_proved{{endpoint=\"{rig.Endpoint}\",server_name=\"\"}} 1\n";
        Assert.Contains(where, await UntilAsync(proof, "result=\"served\"} 1\n"), StringComparison.Ordinal);
        using var next = rig.Authority.Issue("CN=next", TestAuthority.Usage.Server);
        await File.WriteAllTextAsync(Path.Combine(rig.Directory, "tls.key"), next.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(Path.Combine(rig.Directory, "tls.crt"), next.ExportCertificatePem());
        rig.Server.CheckServingFiles();
        var text = await UntilAsync(proof, "result=\"served\"} 2\n");
        Assert.Contains(where, text, StringComparison.Ordinal);
        Assert.DoesNotContain("sealock_serving_proof_last_success_timestamp_seconds 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_may_not_come_in_is_not_taken_for_one_that_serves_something_else()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with
        {
            Traffic = new TrafficPolicy { Clients = new AddressFilter { Allow = CidrSet.Parse("192.0.2.0/24") } },
        });
        await using var proof = new ServingProof(rig.Server, TimeProvider.System, NullLogger.Instance);
        Assert.Contains(
            $"sealock_serving_proved{{endpoint=\"{rig.Endpoint}\",server_name=\"\"}} -1\n", await UntilAsync(proof, "result=\"unknown\"} 1\n"),
            StringComparison.Ordinal);
    }

    private static Certificate Issue(TestAuthority authority)
    {
        using var certificate = authority.Issue("CN=server", TestAuthority.Usage.Server);
        return Certificate.FromPem(certificate.ExportCertificatePem());
    }

    private static async Task<string> UntilAsync(ServingProof proof, string wanted)
    {
        while (true)
        {
            var text = new PrometheusText();
            proof.Write(text);
            if (text.ToString().Contains(wanted, StringComparison.Ordinal))
                return text.ToString();
            await Task.Yield();
        }
    }
}
