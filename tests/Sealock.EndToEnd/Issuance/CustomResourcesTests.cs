// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Controllers.CustomResources;

namespace Sealock.EndToEnd.Issuance;

/// <summary>The CustomResourceDefinitions on a kube-apiserver that knows nothing of Sealock.</summary>
public sealed class CustomResourcesTests
{
    private const string Path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/";

    [PeerFact("kubernetes", "kubectl")]
    public async Task They_are_installed_kept_and_left_alone()
    {
        await using var server = await RealApiServer.StartAsync();
        using var http = server.NewClient();
        var client = new ApiClient(new HttpApiTransport(http, server.Address));
        var installer = new CustomResourceInstaller(client, TimeProvider.System);

        // Somebody else's definition of one kind is there before.
        var foreign = CustomResource.Of(CustomResource.Kinds.Single(kind => kind.Kind == "Order"));
        foreign["metadata"]!["labels"] = new JsonObject { ["app"] = "other" };
        var schema = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        foreign["spec"]!["versions"]![0]!["schema"] = new JsonObject { ["openAPIV3Schema"] = schema };
        await client.SendAsync("POST", Path.TrimEnd('/'), foreign, default);

        var first = await installer.InstallAsync(CustomResource.Kinds, default);
        Assert.Equal(
            CustomResource.Kinds.Select(kind => kind.Kind == "Order" ? InstallOutcome.TakenOver : InstallOutcome.Added),
            first.Select(result => result.Outcome));
        Assert.All(CustomResource.Kinds.Where(kind => kind.Kind != "Order"), kind => Accepted(client, $"{kind.Plural}.{kind.Group}"));

        // A second run changes nothing; an older definition of ours is brought up to date.
        Assert.DoesNotContain(InstallOutcome.Added, (await installer.InstallAsync(CustomResource.Kinds, default)).Select(result => result.Outcome));
        await client.SendAsync(
            "PUT", Path + "certificates.cert-manager.io", await OlderAsync(client, "certificates.cert-manager.io"), default);
        var third = await installer.InstallAsync(CustomResource.Kinds, default);
        Assert.Equal(
            [InstallOutcome.Current, InstallOutcome.TakenOver, InstallOutcome.Updated], third.Select(result => result.Outcome).Distinct().Order(new ByName()));

        await DocumentedManifests.ApplyAsync((arguments, input) => server.KubectlAsync(arguments, input));
        var columns = await server.KubectlAsync("get certificates --all-namespaces -o wide");
        Assert.Matches("NAMESPACE +NAME +READY +SECRET +ISSUER +STATUS +AGE", columns.Output);
        Assert.Contains("certificate.cert-manager.io/", (await server.KubectlAsync("get cert-manager --all-namespaces -o name")).Output, StringComparison.Ordinal);
    }

    private static void Accepted(ApiClient client, string name)
    {
        var conditions = JsonNode.Parse(client.SendAsync("GET", Path + name, null, default).GetAwaiter().GetResult().Span)!["status"]!["conditions"]!.AsArray();
        Assert.All(["Established", "NamesAccepted"], type => Assert.Contains(conditions, one => (string?)one!["type"] == type && (string?)one["status"] == "True"));
        Assert.DoesNotContain(conditions, one => (string?)one!["type"] == "NonStructuralSchema");
    }

    private static async Task<JsonObject> OlderAsync(ApiClient client, string name)
    {
        var present = JsonNode.Parse((await client.SendAsync("GET", Path + name, null, default)).Span)!.AsObject();
        present["metadata"]!["annotations"]!["sealock.dev/definition-hash"] = "older";
        return present;
    }

    private sealed class ByName : IComparer<InstallOutcome>
    {
        public int Compare(InstallOutcome x, InstallOutcome y) => string.CompareOrdinal(x.ToString(), y.ToString());
    }
}
