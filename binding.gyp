# What node-gyp looks for; the addon is described beside its sources.
{'includes': ['native/nodegrad.gypi']}
