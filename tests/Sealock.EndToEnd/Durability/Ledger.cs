// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Durability;

/// <summary>
/// What a writer knows of one object: what the server acknowledged last, and what it was asked for without an answer.
/// </summary>
internal sealed class LedgerEntry(string name)
{
    private JsonObject? _asked;
    private bool _waiting;

    public string Name { get; } = name;

    /// <summary>The acknowledged data; null: there is no such object.</summary>
    public JsonObject? Data { get; private set; }

    /// <summary>The acknowledged revision; 0 where it is not known.</summary>
    public long Revision { get; private set; }

    /// <summary>Notes that the server is being asked for this data, or for none.</summary>
    public void Ask(JsonObject? data) => (_asked, _waiting) = (data, true);

    /// <summary>Notes that the server did what it was asked for.</summary>
    public void Acknowledge(long revision) => (Data, Revision, _asked, _waiting) = (_asked, revision, null, false);

    /// <summary>Compares with what is there after a restart, which is the truth from now on.</summary>
    /// <returns>Whether a write without an answer was found made, found not made, or null if there was none.</returns>
    public bool? Settle(JsonNode? found)
    {
        var data = found?["data"];
        var revision = found is null ? 0 : found["metadata"].Revision();
        var isOld = JsonNode.DeepEquals(data, Data) && (Revision == 0 || found is null || revision == Revision);
        var isNew = _waiting && JsonNode.DeepEquals(data, _asked);
        Assert.True(isOld || isNew,
            $"{Name}: acknowledged {Show(Data)} at {Revision}, asked for {(_waiting ? Show(_asked) : "nothing")}, found {Show(data)} at {revision}");
        bool? made = _waiting ? isNew && !isOld : null;
        (Data, Revision, _asked, _waiting) = (data?.DeepClone().AsObject(), revision, null, false);
        return made;
    }

    private static string Show(JsonNode? data) => data?.ToJsonString() ?? "no object";
}
