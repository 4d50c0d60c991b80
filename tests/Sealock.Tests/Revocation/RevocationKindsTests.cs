// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Pki.Revocation;

namespace Sealock.Tests.Revocation;

public sealed class RevocationKindsTests
{
    private const string KeyId = "0a1b2c";

    private static JsonObject Object(string spec, string name = KeyId + "-1f") => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = JsonNode.Parse(spec),
    };

    [Fact]
    public async Task Numbers_are_stored_in_one_form_and_the_time_is_filled_in()
    {
        await using var bench = await RevocationBench.StartAsync();
        var answer = await bench.Server.SendAsync("POST", RevocationBench.Certificates, Object(
            """{"authority":{"keyId":"0A:1B:2C"},"serialNumber":"0x00:1F"}""").ToJsonString());
        Assert.Equal(201, answer.Status);
        var spec = answer.Json["spec"]!;
        Assert.Equal(
            (KeyId, "1f", "unspecified", "2026-03-01T12:00:00Z"),
            (spec["authority"]!["keyId"]!.ToString(), spec["serialNumber"]!.ToString(), spec["reason"]!.ToString(), spec["revokedAt"]!.ToString()));
        Assert.Equal(answer.Json["metadata"]!["name"]!.ToString(), Assert.Single(bench.Observed).Name);
    }

    [Theory]
    [InlineData("""{"authority":{"keyId":"0a1b2c"},"serialNumber":"20"}""", "metadata.name")]
    [InlineData("""{"authority":{"keyId":"0a1b2d"},"serialNumber":"1f"}""", "metadata.name")]
    [InlineData("""{"authority":{"keyId":""},"serialNumber":"1f"}""", "spec.authority.keyId")]
    [InlineData("""{"authority":{"keyId":"xyz"},"serialNumber":"1f"}""", "spec.authority.keyId")]
    [InlineData("""{"authority":{},"serialNumber":"1f"}""", "spec.authority.keyId")]
    [InlineData("""{"authority":{"keyId":"0a1b2c"}}""", "spec.serialNumber")]
    [InlineData("""{"authority":{"keyId":"0a1b2c"},"serialNumber":"zz"}""", "spec.serialNumber")]
    [InlineData("""{"authority":{"keyId":"0a1b2c"},"serialNumber":"1f","reason":"removeFromCRL"}""", "spec.reason")]
    [InlineData("""{"authority":{"keyId":"0a1b2c"},"serialNumber":"1f","reason":"because"}""", "spec.reason")]
    [InlineData("""{"authority":{"keyId":"0a1b2c"},"serialNumber":"1f","revokedAt":"2026-03-02T00:00:00Z"}""", "spec.revokedAt")]
    public async Task What_is_wrong_is_refused_by_its_field(string spec, string field)
    {
        await using var bench = await RevocationBench.StartAsync();
        var answer = await bench.Server.SendAsync("POST", RevocationBench.Certificates, Object(spec).ToJsonString());
        Assert.Equal(422, answer.Status);
        Assert.Contains(field, answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("certificateHold", """{"reason":"keyCompromise"}""", 200)]
    [InlineData("certificateHold", """{"note":"asked about"}""", 200)]
    [InlineData("keyCompromise", """{"note":"asked about"}""", 200)]
    [InlineData("keyCompromise", """{"reason":"certificateHold"}""", 422)]
    [InlineData("keyCompromise", """{"reason":"superseded"}""", 422)]
    [InlineData("certificateHold", """{"serialNumber":"20"}""", 422)]
    [InlineData("certificateHold", """{"authority":{"keyId":"0a1b2d"}}""", 422)]
    [InlineData("certificateHold", """{"revokedAt":"2020-01-01T00:00:00Z"}""", 422)]
    [InlineData("certificateHold", """{"notAfter":"2020-01-01T00:00:00Z"}""", 422)]
    [InlineData("keyCompromise", """{"notAfter":"2027-01-01T00:00:00Z"}""", 200)]
    public async Task Only_a_hold_can_be_made_something_else(string reason, string change, int status)
    {
        await using var bench = await RevocationBench.StartAsync();
        await bench.Server.SendAsync("POST", RevocationBench.Certificates, Object(
            $$"""{"authority":{"keyId":"0a1b2c"},"serialNumber":"1f","reason":"{{reason}}"}""").ToJsonString());
        var answer = await bench.Server.SendAsync(
            "PATCH", $"{RevocationBench.Certificates}/{KeyId}-1f", $$"""{"spec":{{change}}}""", "application/merge-patch+json");
        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task When_a_certificate_expires_is_said_once()
    {
        await using var bench = await RevocationBench.StartAsync();
        var ca = bench.NewCa();
        var leaf = bench.Issue(ca, "leaf");
        await bench.RevokeAsync(ca, leaf);
        var answer = await bench.Server.SendAsync(
            "PATCH", $"{RevocationBench.Certificates}/{RevocationBench.NameOf(ca, leaf)}", """{"spec":{"notAfter":"2027-01-01T00:00:00Z"}}""",
            "application/merge-patch+json");
        Assert.Equal(422, answer.Status);
    }

    [Fact]
    public async Task What_is_final_is_not_deleted_before_the_certificate_has_expired()
    {
        await using var bench = await RevocationBench.StartAsync();
        var ca = bench.NewCa();
        var (leaf, held) = (bench.Issue(ca, "leaf", TimeSpan.FromHours(10)), bench.Issue(ca, "held"));
        await bench.RevokeAsync(ca, leaf);
        await bench.RevokeAsync(ca, held, "certificateHold");
        Assert.Equal(200, (await bench.ReleaseAsync(ca, held)).Status);
        var refused = await bench.ReleaseAsync(ca, leaf);
        Assert.Equal(403, refused.Status);
        Assert.Contains("(keyCompromise), which cannot be undone", refused.Message, StringComparison.Ordinal);
        Assert.Equal(403, (await bench.Server.SendAsync("DELETE", RevocationBench.Certificates)).Status);
        bench.Server.Clock.Advance(TimeSpan.FromHours(11));
        Assert.Equal(200, (await bench.ReleaseAsync(ca, leaf)).Status);
    }

    [Theory]
    [InlineData("""{"user":"jane"}""", 201)]
    [InlineData("""{"credential":"JTI=1-2-3"}""", 201)]
    [InlineData("""{"user":"jane","credential":"JTI=1-2-3"}""", 422)]
    [InlineData("""{}""", 422)]
    [InlineData("""{"credential":"1-2-3"}""", 422)]
    [InlineData("""{"publicKeySha256":"abc"}""", 422)]
    [InlineData("""{"publicKeySha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""", 201)]
    public async Task Exactly_one_thing_is_locked_out(string spec, int status)
    {
        await using var bench = await RevocationBench.StartAsync();
        Assert.Equal(status, (await bench.Server.SendAsync("POST", RevocationBench.Access, Object(spec, "some").ToJsonString())).Status);
    }

    [Fact]
    public async Task A_number_of_a_list_is_never_used_again()
    {
        await using var bench = await RevocationBench.StartAsync();
        var ca = bench.NewCa();
        var name = AuthorityKeyId.Of(ca.Certificate);
        var created = await bench.Server.SendAsync("POST", RevocationBench.Lists, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["authority"] = new JsonObject { ["keyId"] = name },
                ["certificate"] = ca.Certificate.ToPem(),
            },
        }.ToJsonString());
        Assert.Equal(201, created.Status);
        async Task<int> Store(int number, string crl) => (await bench.Server.SendAsync(
            "PATCH", $"{RevocationBench.Lists}/{name}/status", $$$"""{"status":{"number":{{{number}}},"crl":"{{{crl}}}"}}""",
            "application/merge-patch+json")).Status;
        Assert.Equal(200, await Store(7, "AAAA"));
        Assert.Equal(422, await Store(7, "BBBB"));
        Assert.Equal(422, await Store(6, "BBBB"));
        Assert.Equal(200, await Store(8, "BBBB"));
    }
}
