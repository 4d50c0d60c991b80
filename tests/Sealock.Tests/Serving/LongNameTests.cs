// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;

namespace Sealock.Tests.Serving;

/// <summary>Names of kinds whose names have no limit of their own, such as roles.</summary>
public sealed class LongNameTests : IAsyncLifetime
{
    private static readonly string Name = new('x', 3000);
    private TestServer? _server;

    public async Task InitializeAsync() =>
        _server = await TestServer.StartAsync(null, TestServer.Leases with { Plural = "roles", ValidateName = NameRules.PathSegment });

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    [Theory]
    [InlineData("POST", "", 422)]
    [InlineData("POST", "?dryRun=All", 422)]
    [InlineData("PUT", "/NAME", 422)]
    [InlineData("GET", "/NAME", 404)]
    [InlineData("PATCH", "/NAME", 404)]
    [InlineData("DELETE", "/NAME", 404)]
    public async Task A_name_that_cannot_be_stored_is_refused_or_not_found(string method, string rest, int code)
    {
        var answer = await _server!.SendAsync(
            method, $"/apis/coordination.k8s.io/v1/namespaces/default/roles{rest.Replace("NAME", Name, StringComparison.Ordinal)}",
            method is "POST" or "PUT" or "PATCH" ? $$$"""{"metadata":{"name":"{{{Name}}}"}}""" : "",
            method == "PATCH" ? "application/merge-patch+json" : "");
        Assert.Equal(code, answer.Status);
        if (code == 422)
            Assert.EndsWith("metadata.name: Too long: may not be more than 1024 bytes", answer.Message, StringComparison.Ordinal);
    }
}
