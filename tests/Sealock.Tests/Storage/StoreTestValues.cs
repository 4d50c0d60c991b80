// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Storage;

namespace Sealock.Tests.Storage;

/// <summary>Values and conditional writes as tests like to say them.</summary>
internal static class StoreTestValues
{
    public static byte[] Bytes(this string text) => Encoding.UTF8.GetBytes(text);

    public static string? Text(this StoreEntry? entry) => entry is null ? null : Encoding.UTF8.GetString(entry.Value.Span);

    public static async Task<long> WriteAsync(this IStore store, string key, string value, long expected)
    {
        var result = await store.PutAsync(key, value.Bytes(), expected, null, default);
        Assert.True(result.Succeeded);
        return result.Revision;
    }

    public static async Task<long> RemoveAsync(this IStore store, string key, long expected)
    {
        var result = await store.DeleteAsync(key, expected, default);
        Assert.True(result.Succeeded);
        return result.Revision;
    }

    public static WatchFollower Follow(this IStore store, string prefix, long after) => new(store, prefix, after);
}
