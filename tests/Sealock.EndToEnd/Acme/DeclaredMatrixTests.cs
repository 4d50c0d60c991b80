// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Acme;

/// <summary>Every way of proving of declared Certificates on one server.</summary>
public sealed class DeclaredMatrixTests(DeclaredGround shared) : IClassFixture<DeclaredGround>
{
    public static IEnumerable<object[]> Ways =>
        from way in (string[])["http01", "tlsALPN01", "rfc2136", "wildcard", "exec", "webhook"]
        from nonceReject in (int[])[5, 50]
        select (object[])[way, nonceReject];

    [PeerTheory("kubectl", "pebble", "pebble-challtestsrv", "named", "dig", "curl")]
    [MemberData(nameof(Ways))]
    public async Task A_certificate_is_had_by_every_way_of_proving_whatever_happens_to_nonces(string way, int nonceReject)
    {
        var server = await shared.ServerAsync();
        var name = DeclaredGround.Name(way);
        var asksBind = way is "rfc2136" or "wildcard";
        var pebble = await shared.PebbleAsync(nonceReject, asksBind);
        await server.AddIssuerAsync(name, await shared.SolverAsync(way), pebble.Directory, ca: pebble.Ca);
        string[] names = way == "wildcard" ? [$"{name}.example.com", $"*.{name}.example.com"] : [$"a.{name}.example.com", $"b.{name}.example.com"];
        await server.AddCertificateAsync(name, name, names);
        var leaf = await server.IssuedAsync(name, from: pebble);
        Assert.Equal(names.Order(StringComparer.Ordinal), leaf.Names.DnsNames.Order(StringComparer.Ordinal));
        await server.UntilAsync(text => !text.Contains(name, StringComparison.Ordinal), "get", "challenges", "-o", "name");
        Assert.Equal("valid", await DeclaredGround.OrdersAsync(server, name));
        if (asksBind)
            Assert.Empty(await (await shared.BindAsync()).TextsAsync($"_acme-challenge.{name}.example.com"));
    }
}
