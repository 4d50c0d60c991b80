// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sealock.StoreWriter;

/// <summary>Values that show by themselves whether they are whole: key, number, filling, and a hash over all that.</summary>
public static class LoadValue
{
    private const int LongestFilling = 6_000;

    /// <summary>The value that write <paramref name="number"/> of a key has.</summary>
    public static byte[] Of(string key, long number)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{key}|{number}|"));
        var filling = new byte[(number * 7919) % LongestFilling];
        for (var i = 0; i < filling.Length; i++)
            filling[i] = (byte)(number + i);
        byte[] content = [.. head, .. filling];
        return [.. content, .. SHA256.HashData(content)];
    }

    /// <summary>The number of the write that a value comes from, or -1 where it is not whole or another key's.</summary>
    public static long NumberOf(string key, ReadOnlySpan<byte> value)
    {
        var text = Encoding.Latin1.GetString(value[..Math.Min(value.Length, 100)]).Split('|');
        return text.Length > 2
            && text[0] == key
            && long.TryParse(text[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && value.SequenceEqual(Of(key, number))
                ? number
                : -1;
    }
}
