// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Controllers.CustomResources;
using Sealock.Tests.Support;

namespace Sealock.Tests.CustomResources;

public sealed class CustomResourceInstallerTests
{
    private const string Path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/";

    private readonly MemoryApiServer _server = new();
    private readonly FakeTimeProvider _time = new();

    public CustomResourceInstallerTests() => _server.OnWrite = (_, _, _, definition) => Serve(definition);

    private CustomResourceInstaller Installer => new(new ApiClient(_server), _time);

    private void Serve(JsonObject definition)
    {
        var spec = definition["spec"]!;
        var name = $"{spec["group"]}/{spec["versions"]![0]!["name"]}";
        _server.Served[name] =
            [.. _server.Served.GetValueOrDefault(name) ?? [], ((string)spec["names"]!["plural"]!, (string)spec["names"]!["kind"]!, true)];
    }

    private JsonObject Put(string kind, Action<JsonObject> change)
    {
        var definition = CustomResource.Of(CustomResource.Kinds.Single(one => one.Kind == kind));
        change(definition);
        Serve(definition);
        return _server.Put(Path + definition["metadata"]!["name"], definition);
    }

    private async Task<Dictionary<string, InstallResult>> InstallAsync() =>
        (await Installer.InstallAsync(CustomResource.Kinds, default)).ToDictionary(result => result.Name);

    [Fact]
    public async Task What_is_missing_is_added_once()
    {
        Assert.All((await InstallAsync()).Values, result => Assert.Equal(InstallOutcome.Added, result.Outcome));
        _server.Writes.Clear();
        Assert.All((await InstallAsync()).Values, result => Assert.Equal(InstallOutcome.Current, result.Outcome));
        Assert.Empty(_server.Writes);
    }

    [Fact]
    public async Task Our_own_are_brought_up_to_date_and_those_of_others_left_alone()
    {
        Put("Issuer", definition => definition["metadata"]!["annotations"]!["sealock.dev/definition-hash"] = "older");
        var foreign = Put("Certificate", definition => definition["metadata"]!["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = "Helm" });
        var results = await InstallAsync();
        Assert.Equal(InstallOutcome.Updated, results["issuers.cert-manager.io"].Outcome);
        Assert.Equal(InstallOutcome.TakenOver, results["certificates.cert-manager.io"].Outcome);
        Assert.Equal(foreign.ToJsonString(), _server.Find(Path + "certificates.cert-manager.io")!.ToJsonString());
    }

    [Fact]
    public async Task What_serves_another_version_only_cannot_be_used()
    {
        Put("Certificate", definition =>
        {
            definition["metadata"]!["labels"] = new JsonObject();
            definition["spec"]!["versions"]![0]!["name"] = "v1alpha2";
        });
        var result = (await InstallAsync())["certificates.cert-manager.io"];
        Assert.Equal((InstallOutcome.Unsuitable, "it serves v1alpha2, not v1; let its owner update it, or delete it"), (result.Outcome, result.Message));
    }
}
