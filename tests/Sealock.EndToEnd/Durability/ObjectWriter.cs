// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Durability;

/// <summary>
/// A client that creates, replaces, patches and deletes objects of its own, one request after the other, and keeps
/// account of what was acknowledged.
/// </summary>
internal sealed class ObjectWriter(string resource, int number, Tally tally)
{
    private const int Objects = 12;

    private readonly Random _random = new(number);
    private readonly LedgerEntry[] _ledger = [.. Enumerable.Range(0, Objects).Select(i => new LedgerEntry($"kill-{number}-{i}"))];
    private int _generation;

    public string Resource => resource;

    /// <summary>The revisions of acknowledged creations and updates by object, for whoever watches.</summary>
    public List<(string Name, long Revision)> Acknowledged { get; } = [];

    /// <summary>Writes until the connection breaks, or it is told not to go on.</summary>
    public async Task RunAsync(ServerConnection server, string folder, Func<bool>? goOn = null)
    {
        while (goOn?.Invoke() ?? true)
            await WriteAsync(server, $"{folder}/{resource}", _ledger[_random.Next(Objects)]);
    }

    /// <summary>Compares everything with what is there.</summary>
    public void Settle(IReadOnlyDictionary<string, JsonNode> found)
    {
        foreach (var entry in _ledger)
        {
            if (entry.Settle(found.GetValueOrDefault(entry.Name)) is { } made)
                tally.Settled(made);
        }
    }

    private async Task WriteAsync(ServerConnection server, string path, LedgerEntry entry)
    {
        var choice = _random.Next(4);
        if (entry.Data is not null && choice == 0)
        {
            entry.Ask(null);
            (await server.SendAsync("DELETE", $"{path}/{entry.Name}")).Succeeded();
            entry.Acknowledge(0);
            tally.Deleted();
            return;
        }

        var isNew = entry.Data is null;
        var data = NextData(entry.Name);
        var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = entry.Name }, ["data"] = data.DeepClone() };
        if (!isNew && choice == 1)
            body["metadata"]!["resourceVersion"] = $"{entry.Revision}";
        entry.Ask(data);
        var answer = isNew ? await server.SendAsync("POST", path, body)
            : choice < 3 ? await server.SendAsync("PUT", $"{path}/{entry.Name}", body)
            : await server.SendAsync("PATCH", $"{path}/{entry.Name}", body, "application/merge-patch+json");
        var revision = answer.Revision;
        Assert.True(JsonNode.DeepEquals(answer.Body?["data"], data), answer.Text);
        entry.Acknowledge(revision);
        Acknowledged.Add((entry.Name, revision));
        if (isNew)
            tally.Created(revision);
        else
            tally.Updated(revision);
    }

    /// <summary>Data that is never the same twice, in several fields, so that a half-applied write shows.</summary>
    private JsonObject NextData(string name)
    {
        var text = $"{name} generation {++_generation} {RandomNumberGenerator.GetHexString(_random.Next(1500))}";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return new JsonObject { ["text"] = Value(text), ["hash"] = Value(hash), ["generation"] = Value($"{_generation}") };
    }

    private string Value(string text) => resource == "secrets" ? Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) : text;
}
