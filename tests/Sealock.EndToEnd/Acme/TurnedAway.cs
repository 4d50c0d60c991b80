// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.EndToEnd.Acme;

/// <summary>
/// A proxy that turns the first request to each place of a pebble away, for a second or two: every other time it says so in seconds,
/// every other time as a date, which knows no fractions.
/// </summary>
internal sealed class TurnedAway
{
    private static readonly string[] Places =
        ["/nonce-plz", "/sign-me-up", "/order-plz", "/authZ/", "/chalZ/", "/my-order/", "/finalize-order/", "/certZ/"];

    private readonly BusyProxy _proxy;
    private readonly bool _secondsFirst;
    private readonly Dictionary<string, DateTimeOffset> _until = [];

    public TurnedAway(BusyProxy proxy, bool secondsFirst)
    {
        (_proxy, _secondsFirst) = (proxy, secondsFirst);
        proxy.RetryAfter = RetryAfter;
    }

    /// <summary>Every place has turned a request away, and was not asked again before the time that it told.</summary>
    public void AssertObeyed()
    {
        Assert.Equal(Places.Order(StringComparer.Ordinal), _until.Keys.Order(StringComparer.Ordinal));
        foreach (var (place, at) in _until)
        {
            var asked = _proxy.Requests.Where(request => request.Path.StartsWith(place, StringComparison.Ordinal)).Select(request => request.At).ToList();
            Assert.True(asked[1] >= at.AddMilliseconds(-20), $"{place} was asked again at {asked[1]:O}, before {at:O}");
        }
    }

    private string? RetryAfter(string path)
    {
        if (Places.FirstOrDefault(place => path.StartsWith(place, StringComparison.Ordinal)) is not { } place || _until.ContainsKey(place))
            return null;
        var now = TimeProvider.System.GetUtcNow();
        var inSeconds = _until.Count % 2 == 0 == _secondsFirst;
        var date = new DateTimeOffset(now.AddSeconds(1.999).Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);
        _until[place] = inSeconds ? now.AddSeconds(1) : date;
        return inSeconds ? "1" : date.ToString("r", CultureInfo.InvariantCulture);
    }
}
