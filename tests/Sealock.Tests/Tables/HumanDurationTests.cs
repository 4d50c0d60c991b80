// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Tables;

namespace Sealock.Tests.Tables;

public sealed class HumanDurationTests
{
    [Theory]
    [InlineData(-2, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(121, "2m1s")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData(179 * 60 + 59, "179m")]
    [InlineData(180 * 60, "3h")]
    [InlineData(7 * 3600 + 59 * 60, "7h59m")]
    [InlineData(8 * 3600 + 60, "8h")]
    [InlineData(48 * 3600 - 1, "47h")]
    [InlineData(48 * 3600, "2d")]
    [InlineData(8 * 86400 - 1, "7d23h")]
    [InlineData(8 * 86400, "8d")]
    [InlineData(2L * 365 * 86400 - 1, "729d")]
    [InlineData(2L * 365 * 86400, "2y")]
    [InlineData(3L * 365 * 86400 + 86400, "3y1d")]
    [InlineData(8L * 365 * 86400, "8y")]
    [InlineData(20L * 365 * 86400 + 86400, "20y")]
    public void A_duration_reads_as_kubectl_prints_it(long seconds, string text) =>
        Assert.Equal(text, HumanDuration.Format(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_missing_time_is_unknown() => Assert.Equal("<unknown>", HumanDuration.Since("", DateTimeOffset.UnixEpoch));
}
