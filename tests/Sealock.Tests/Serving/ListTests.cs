// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;

namespace Sealock.Tests.Serving;

public sealed class ListTests : IAsyncLifetime
{
    private const string Collection = "/api/v1/namespaces/default/secrets";
    private TestServer server = null!; // set before every test

    public async Task InitializeAsync() => server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Pages_show_one_revision_whatever_happens_between_them()
    {
        await FillAsync(7);
        var first = await server.SendAsync("GET", $"{Collection}?limit=3");
        Assert.Equal(4, first.Json["metadata"]!["remainingItemCount"]!.GetValue<long>());

        await server.SendAsync("DELETE", $"{Collection}/s4");
        await CreateAsync("s3a");
        var second = await server.SendAsync("GET", $"{Collection}?limit=3&continue={TokenOf(first)}");
        var third = await server.SendAsync("GET", $"{Collection}?limit=3&continue={TokenOf(second)}");

        Assert.Equal(["s0", "s1", "s2"], first.Names);
        Assert.Equal(["s3", "s4", "s5"], second.Names);
        Assert.Equal(["s6"], third.Names);
        Assert.Equal(first.Version, third.Version);
        Assert.Null(third.Json["metadata"]!["continue"]);
    }

    [Fact]
    public async Task A_token_whose_revision_is_gone_comes_back_with_one_that_goes_on_from_now()
    {
        await FillAsync(4);
        var first = await server.SendAsync("GET", $"{Collection}?limit=2");
        await server.SendAsync("DELETE", $"{Collection}/s2");
        var last = await CreateAsync("s9");
        await server.Store.CompactAsync(long.Parse(last.Version, CultureInfo.InvariantCulture), CancellationToken.None);
        await using var restarted = await TestServer.StartAsync(server.Store);

        var expired = await restarted.SendAsync("GET", $"{Collection}?limit=2&continue={TokenOf(first)}");
        var goesOn = await restarted.SendAsync("GET", $"{Collection}?limit=2&continue={TokenOf(expired)}");

        Assert.Equal(410, expired.Status);
        Assert.Equal("Expired", expired.Json["reason"]!.ToString());
        Assert.StartsWith("The provided continue parameter is too old to display a consistent list result.", expired.Message, StringComparison.Ordinal);
        Assert.Equal(["s3", "s9"], goesOn.Names);
    }

    [Fact]
    public async Task A_token_is_kubernetes_own_form()
    {
        await FillAsync(2);
        var first = await server.SendAsync("GET", $"{Collection}?limit=1");

        var token = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(TokenOf(first)))!;

        Assert.Equal("meta.k8s.io/v1", token["v"]!.ToString());
        Assert.Equal(first.Version, token["rv"]!.ToString());
        Assert.Equal("s0\0", token["start"]!.ToString());
    }

    [Theory]
    [InlineData("continue=x", 400, "invalid continue token: continue key is not valid")]
    [InlineData("continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MCwic3RhcnQiOiJhXHUwMDAwIn0", 400, "invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)")]
    [InlineData("continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhXHUwMDAwIn0&resourceVersion=1", 400, "specifying resource version is not allowed when using continue")]
    [InlineData("resourceVersion=x", 500, "resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": invalid syntax")]
    [InlineData("resourceVersionMatch=Exact", 422, "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")]
    [InlineData("resourceVersionMatch=Exact&resourceVersion=0", 422, "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")]
    [InlineData("resourceVersionMatch=Newer&resourceVersion=1", 422, "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: \"Newer\": supported values: \"Exact\", \"NotOlderThan\", \"\"")]
    [InlineData("sendInitialEvents=true", 422, "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")]
    [InlineData("fieldSelector=spec.x%3D1", 400, "field label not supported: spec.x")]
    public async Task Wrong_parameters_are_told_apart(string query, int status, string message)
    {
        var answer = await server.SendAsync("GET", $"{Collection}?{query}");

        Assert.Equal((status, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Exact_shows_the_past_and_not_older_than_the_present()
    {
        var first = await CreateAsync("a");
        await CreateAsync("b");

        var exact = await server.SendAsync("GET", $"{Collection}?resourceVersion={first.Version}&resourceVersionMatch=Exact");
        var limited = await server.SendAsync("GET", $"{Collection}?resourceVersion={first.Version}&limit=5");
        var notOlder = await server.SendAsync("GET", $"{Collection}?resourceVersion={first.Version}&resourceVersionMatch=NotOlderThan");
        var plain = await server.SendAsync("GET", Collection);

        Assert.Equal(["a"], exact.Names);
        Assert.Equal(first.Version, exact.Version);
        Assert.Equal(["a"], limited.Names);
        Assert.Contains("a", notOlder.Names);
        Assert.Equal(["a", "b"], plain.Names);
    }

    [Fact]
    public async Task A_version_from_the_future_times_out()
    {
        var reading = server.SendAsync("GET", $"{Collection}?resourceVersion=999");
        server.Clock.Advance(TimeSpan.FromSeconds(4));

        var answer = await reading;

        Assert.Equal(504, answer.Status);
        Assert.StartsWith("Timeout: Too large resource version: 999, current: ", answer.Message, StringComparison.Ordinal);
        Assert.Equal("ResourceVersionTooLarge", answer.Json["details"]!["causes"]![0]!["reason"]!.ToString());
    }

    [Fact]
    public async Task Selectors_narrow_a_list_and_leave_the_remaining_count_open()
    {
        for (var i = 0; i < 6; i++)
            await CreateAsync($"s{i}", i % 2 == 0 ? "even" : "odd");

        var odd = await server.SendAsync("GET", $"{Collection}?labelSelector=parity%3Dodd&limit=2");
        var rest = await server.SendAsync("GET", $"{Collection}?labelSelector=parity%3Dodd&limit=2&continue={TokenOf(odd)}");
        var named = await server.SendAsync("GET", $"{Collection}?fieldSelector=metadata.name%3Ds4");
        var both = await server.SendAsync("GET", $"{Collection}?fieldSelector=metadata.name%3Ds4&labelSelector=parity%3Dodd");

        Assert.Equal(["s1", "s3"], odd.Names);
        Assert.Null(odd.Json["metadata"]!["remainingItemCount"]);
        Assert.Equal(["s5"], rest.Names);
        Assert.Equal(["s4"], named.Names);
        Assert.Empty(both.Names);
    }

    [Fact]
    public async Task Namespaces_are_kept_apart()
    {
        await server.SendAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"default-b"}}""");
        await CreateAsync("a");
        await server.SendAsync("POST", "/api/v1/namespaces/default-b/secrets", """{"metadata":{"name":"b"}}""");

        Assert.Equal(["a"], (await server.SendAsync("GET", Collection)).Names);
        Assert.Equal(["b", "a"], (await server.SendAsync("GET", "/api/v1/secrets")).Names);
        var page = await server.SendAsync("GET", "/api/v1/secrets?limit=1");
        Assert.Equal(["a"], (await server.SendAsync("GET", $"/api/v1/secrets?limit=1&continue={TokenOf(page)}")).Names);
    }

    [Fact]
    public async Task A_list_can_be_had_as_a_table_as_metadata_as_yaml_and_indented()
    {
        await CreateAsync("a");

        var table = await server.SendAsync("GET", Collection, accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
        var metadata = await server.SendAsync("GET", Collection, accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
        var yaml = await server.SendAsync("GET", Collection, accept: "application/yaml");
        var indented = await server.SendAsync("GET", Collection, agent: "curl/8.5.0");
        var none = await server.SendAsync("GET", Collection, accept: "application/vnd.kubernetes.protobuf");

        Assert.Equal("Table", table.Json["kind"]!.ToString());
        Assert.Equal("a", table.Json["rows"]![0]!["object"]!["metadata"]!["name"]!.ToString());
        Assert.Equal("PartialObjectMetadata", metadata.Json["items"]![0]!["kind"]!.ToString());
        Assert.Contains("kind: SecretList", yaml.Text, StringComparison.Ordinal);
        Assert.Contains("\n  \"kind\": \"SecretList\"", indented.Text, StringComparison.Ordinal);
        Assert.Equal((406, "406: Not Acceptable"), (none.Status, none.Message));
    }

    private static string TokenOf(Answer answer) => answer.Json["metadata"]!["continue"]!.ToString();

    private async Task FillAsync(int count)
    {
        for (var i = 0; i < count; i++)
            await CreateAsync($"s{i}");
    }

    private Task<Answer> CreateAsync(string name, string parity = "none") => server.SendAsync(
        "POST", Collection, $$$$"""{"metadata":{"name":"{{{{name}}}}","labels":{"parity":"{{{{parity}}}}"}}}""");
}
