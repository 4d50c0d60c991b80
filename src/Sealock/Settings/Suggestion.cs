// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Settings;

/// <summary>What somebody may have meant who gave a name that is not known.</summary>
internal static class Suggestion
{
    /// <summary><c> (did you mean NAME?)</c> with the nearest of the names; empty where none is near.</summary>
    public static string For(string name, IEnumerable<string> known)
    {
        var nearest = known.MinBy(candidate => Distance(candidate, name));
        return nearest is not null && Distance(nearest, name) <= Math.Max(2, name.Length / 4) ? $" (did you mean {nearest}?)" : "";
    }

    /// <summary>Levenshtein's.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = row[j];
                row[j] = cost;
            }
        }

        return row[b.Length];
    }
}
