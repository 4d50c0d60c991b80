// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Pki;

namespace Sealock.Gateway.RevocationLists;

/// <summary>
/// The CRLs that are handed out, by the identifier of the CA's key: what is stored, and nothing that is not. Whoever
/// keeps the objects calls <see cref="Put"/> for every change.
/// </summary>
public sealed class PublishedLists
{
    private ImmutableDictionary<string, PublishedList> _lists = ImmutableDictionary.Create<string, PublishedList>(StringComparer.Ordinal);

    /// <summary>All lists by the identifiers of the CAs' keys.</summary>
    public IReadOnlyDictionary<string, PublishedList> All => Volatile.Read(ref _lists);

    /// <summary>A CA's list, or null.</summary>
    public PublishedList? Find(string authorityKeyId) => Volatile.Read(ref _lists).GetValueOrDefault(authorityKeyId);

    /// <summary>
    /// Takes over a RevocationList object, null where it was deleted. One without a list, or with one that
    /// cannot be read, hands out nothing.
    /// </summary>
    public void Put(string name, JsonObject? @object)
    {
        var list = Read(@object);
        ImmutableInterlocked.Update(ref _lists, lists => list is null ? lists.Remove(name) : lists.SetItem(name, list));
    }

    private static PublishedList? Read(JsonObject? @object)
    {
        if (@object?["status"] is not JsonObject status || status["crl"] is not JsonValue value || !value.TryGetValue<string>(out var text))
            return null;
        var der = new byte[text.Length / 4 * 3 + 3];
        try
        {
            return Convert.TryFromBase64String(text, der, out var length) ? PublishedList.Read(der.AsMemory(0, length)) : null;
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }
}
